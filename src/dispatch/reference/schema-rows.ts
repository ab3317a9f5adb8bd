import { z } from 'zod';

/** JSON Schema as zod writes it, as far as a reference shows it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | boolean;
  readonly additionalProperties?: Schema | boolean;
}

export interface FieldRow {
  /** In dots: `stream.topic`, `ports[].host`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** What its absence means, as its description says it; '' when it says nothing. */
  readonly absent: string;
  readonly meaning: string;
}

const DEEPEST = 3;

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Schema {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Schema;
}

/** Every field of an object, those of nested objects below it. `omit` leaves out top-level fields. */
export function fieldRows(schema: Schema, omit: ReadonlySet<string> = new Set()): readonly FieldRow[] {
  return rowsBelow(schema, '', 1).filter(({ path }) => !omit.has(path.replace(/[.[].*$/, '')));
}

function rowsBelow(schema: Schema, prefix: string, depth: number): readonly FieldRow[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const { absent, meaning } = splitDescription(field.description ?? '');
    const row = { path, type: typeText(field), required: required.has(name), absent, meaning };
    const nested = nestedObject(field);
    if (nested === undefined || depth >= DEEPEST) return [row];
    return [row, ...rowsBelow(nested.schema, `${path}${nested.list ? '[]' : ''}.`, depth + 1)];
  });
}

function nestedObject(field: Schema): { readonly schema: Schema; readonly list: boolean } | undefined {
  if (field.properties !== undefined) return { schema: field, list: false };
  if (typeof field.items === 'object' && field.items.properties !== undefined)
    return { schema: field.items, list: true };
  return undefined;
}

function splitDescription(text: string): { readonly absent: string; readonly meaning: string } {
  const found = /\s*(?:Default|Left out): ((?:[^.]|\.(?=\S))+)\.?/.exec(text);
  if (found === null) return { absent: '', meaning: text };
  return { absent: found[1] ?? '', meaning: text.replace(found[0], '').trim() };
}

/** `string`, `"a" | "b"`, `integer[]`, `map of string` … */
export function typeText(schema: Schema): string {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (parts.length > 0) return [...new Set(parts.map(typeText))].join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array') return listText(schema.items);
  if (schema.type === 'object' && schema.properties === undefined)
    return typeof schema.additionalProperties === 'object'
      ? `map of ${typeText(schema.additionalProperties)}`
      : 'object';
  return schema.type === undefined ? 'any' : [schema.type].flat().join(' | ');
}

function listText(items: Schema['items']): string {
  if (typeof items !== 'object') return 'list';
  const one = typeText(items);
  return one.includes(' ') ? `(${one})[]` : `${one}[]`;
}
