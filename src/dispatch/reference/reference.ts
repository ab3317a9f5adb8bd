import type { z } from 'zod';
import { containerFields, containerSpec } from '../../../contracts/container-spec.ts';
import type { Contract, Method } from '../../../contracts/contract.ts';
import { COMMON_ERRORS, ERRORS, type ErrorCode } from '../../../contracts/errors.ts';
import { containerEvent } from '../../../contracts/events.ts';
import { EXAMPLES } from '../../../contracts/examples.ts';
import { operationEvent } from '../../../contracts/operation-events.ts';
import { CONTRACTS } from '../client.ts';
import { type FieldRow, fieldRows, jsonSchema, type Schema } from './schema-rows.ts';

const CONTAINER_FIELDS = new Set(Object.keys(containerFields));
const CODES = Object.keys(ERRORS) as ErrorCode[];

/** `contracts/README.md`: every method, field, default, error and event, derived from the contracts themselves. */
export function referenceText(): string {
  const contracts: readonly Contract[] = Object.values(CONTRACTS);
  return [
    '# The contracts',
    'Made from the contracts by `npm run reference`; what is written here by hand is lost.',
    'Every method can be called from a program (`contract.open(…)`), over the socket (`POST /v1/{contract}/{method}`, JSON) and from the command line (`berth call {contract} {method} --field value`). Every method may also answer ' +
      `${COMMON_ERRORS.map(codeLink).join(', ')}.`,
    contracts
      .map(({ id, methods }) => `- [\`${id}\`](#${anchor(id)}): ${Object.keys(methods).join(', ')}`)
      .join('\n'),
    ...contracts.flatMap(contractText),
    '## Container fields',
    'What `create`, `compose` and entries of `meta.type: docker.container` take.',
    fieldTable(fieldRows(jsonSchema(containerSpec, 'input'))),
    '## Events',
    'What reaches a target (`stream: { reply_to, topic }`). Those of a container have its `container_id`, those of an operation (a pull, a build, an exec, samples, engine events) its `operation_id`.',
    ...eventTexts('A container’s', containerEvent),
    ...eventTexts('An operation’s', operationEvent),
    '## Errors',
    table(
      ['Code', 'HTTP', 'Exit', 'Again?', 'Meaning', 'Next'],
      CODES.map((code) => {
        const { status, exit, retryable, meaning, next } = ERRORS[code];
        return [`<a id="${code}"></a>\`${code}\``, status, exit, retryable ? 'yes' : 'no', meaning, next].map(
          String,
        );
      }),
    ),
    '',
  ].join('\n\n');
}

function contractText({ id, description, methods }: Contract): readonly string[] {
  return [
    `## ${id}`,
    description,
    ...Object.entries<Method>(methods).flatMap(([name, method]) => methodText(id, name, method)),
  ];
}

function methodText(id: string, name: string, method: Method): readonly string[] {
  const input = jsonSchema(method.input, 'input');
  const forms = input.anyOf ?? input.oneOf ?? [input];
  const output = jsonSchema(method.output, 'output');
  const example = EXAMPLES[id]?.[name];
  return [
    `### ${id.replace(/^.*:/, '')}.${name}`,
    `${method.description}${method.idempotent ? '' : ' *Not to be repeated blindly.*'}`,
    ...forms.flatMap((form, index) =>
      inputText(form, forms.length === 1 ? 'Fields' : `Fields, form ${index + 1}`),
    ),
    ...(fieldRows(output).length === 0 ? [] : ['Answer:', fieldTable(fieldRows(output), true)]),
    ...(method.errors.length === 0 ? [] : [`Errors: ${method.errors.map(codeLink).join(', ')}.`]),
    ...(method.events === undefined ? [] : [`Events: ${eventNames(method.events)}.`]),
    ...(example === undefined
      ? []
      : [`\`\`\`ts\nawait contract.open('${id}').${name}(${exampleText(example, method)});\n\`\`\``]),
  ];
}

function inputText(form: Schema, title: string): readonly string[] {
  const names = Object.keys(form.properties ?? {});
  const shared = names.filter((field) => CONTAINER_FIELDS.has(field));
  const omit = new Set(shared.length > CONTAINER_FIELDS.size / 2 ? shared : []);
  const rows = fieldRows(form, omit);
  const also = omit.size > 0 ? ', and the [fields of a container](#container-fields)' : '';
  if (rows.length === 0)
    return also === '' ? ['No fields.'] : [`${title}: the [fields of a container](#container-fields).`];
  return [`${title}${also}:`, fieldTable(rows)];
}

function fieldTable(rows: readonly FieldRow[], answer = false): string {
  return table(
    answer ? ['Field', 'Type', 'Meaning'] : ['Field', 'Type', 'Left out', 'Meaning'],
    rows.map(({ path, type, required, absent, meaning }) => {
      const field = `\`${path}\``;
      const kind = `\`${type}\``;
      const text = answer && !required ? `${meaning} (not always there)`.trim() : meaning;
      return answer ? [field, kind, text] : [field, kind, required ? '**required**' : absent, text];
    }),
  );
}

function eventTexts(whose: string, schema: z.ZodType): readonly string[] {
  const { anyOf, oneOf } = jsonSchema(schema, 'output');
  return (anyOf ?? oneOf ?? []).flatMap((event) => [
    `### ${whose} \`${String(event.properties?.['type']?.const)}\``,
    fieldTable(
      fieldRows(event).filter(({ path }) => path !== 'type'),
      true,
    ),
  ]);
}

function eventNames(schema: z.ZodType): string {
  const { anyOf, oneOf, properties } = jsonSchema(schema, 'output');
  const events = anyOf ?? oneOf ?? [{ properties: properties ?? {} }];
  return [...new Set(events.map((event) => `\`${String(event.properties?.['type']?.const)}\``))].join(', ');
}

function codeLink(code: ErrorCode): string {
  return `[\`${code}\`](#${code})`;
}

function anchor(id: string): string {
  return id.toLowerCase().replaceAll(/[^a-z0-9 -]/g, '');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Bytes are no JSON: a file stands for them. */
function exampleText(example: unknown, { bytes }: Method): string {
  const text = objectText(example);
  if (bytes !== 'in') return text;
  return text
    .replace(/,? ?\}$/, `${text === '{}' ? ' ' : ', '}tar: createReadStream('files.tar') }`)
    .replace(/^\{ ,/, '{');
}

/** As a program writes it: no quotes about names that need none. */
function objectText(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replaceAll(/\n\s*/g, ' ')
    .replaceAll(/"([A-Za-z_]\w*)":/g, '$1:')
    .replaceAll(/"((?:[^"\\']|\\")*)"/g, (_, text: string) => `'${text.replaceAll('\\"', '"')}'`);
}
