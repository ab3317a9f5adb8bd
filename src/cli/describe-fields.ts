import { z } from 'zod';
import type { Method } from '../../contracts/contract.ts';

interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly anyOf?: readonly FieldSchema[];
  readonly oneOf?: readonly FieldSchema[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
}

/** A method and its fields as flags with their types and meanings, for help texts; derived from the method’s own schema. */
export function describeFields(title: string, method: Method, columns: number): string {
  const schema = z.toJSONSchema(method.input, { io: 'input', unrepresentable: 'any' }) as FieldSchema;
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => ({
    flag: `--${name} <${[...new Set(typesOf(field))].join('|')}>`,
    text: `${required.has(name) ? 'Required. ' : ''}${field.description ?? ''}`.trimEnd(),
  }));
  const width = Math.min(40, Math.max(0, ...fields.map(({ flag }) => flag.length)));
  const lines = fields.map(({ flag, text }) => {
    const [first = '', ...rest] = wrap(text, Math.max(30, columns - width - 4));
    const begin = flag.length > width ? `  ${flag}\n  ${' '.repeat(width)}` : `  ${flag.padEnd(width)}`;
    return [`${begin}  ${first}`.trimEnd(), ...rest.map((line) => `${' '.repeat(width + 4)}${line}`)].join(
      '\n',
    );
  });
  return `${title}: ${method.description}\n\nFields:\n${lines.join('\n')}`;
}

function typesOf({ type, enum: values, anyOf, oneOf }: FieldSchema): readonly string[] {
  const parts = [...(anyOf ?? []), ...(oneOf ?? [])];
  if (parts.length > 0) return parts.flatMap(typesOf);
  if (values !== undefined && values.length <= 4) return values.map(String);
  return type === undefined ? ['json'] : [type].flat();
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1) ?? '';
    if (last === '' || last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`.trimStart();
    else lines.push(word);
  }
  return lines;
}
