import { z } from 'zod';
import { ContractError } from '../../contracts/contract-error.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * The input of a call from `--field value` words, typed by the method’s own schema: `--tail 5` is a number where the schema
 * wants one, `--stream.topic t` goes into an object, a repeated flag makes a list, `--no-field` is false, and a value
 * that begins with { or [ is JSON. Throws invalid_input.
 */
export function inputFromFlags(words: readonly string[], schema: z.ZodType): Record<string, Json> {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const input: Record<string, Json> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('--'))
      throw new ContractError('invalid_input', `\`${word}\` is neither a --flag nor the value of one`, {
        next: 'Write `--field value`, or the whole input as one JSON word.',
      });
    const [flag = '', inline] = splitOnce(word.slice(2), '=');
    const negative = flag.startsWith('no-') && wanted(shape, flag.slice(3).split('.')).includes('boolean');
    const path = (negative ? flag.slice(3) : flag).replaceAll('-', '_').split('.');
    const types = wanted(shape, path);
    const next = words[index + 1];
    if (negative) {
      put(input, path, false, 'never');
    } else if (inline !== undefined) {
      put(input, path, typed(inline, types), listing(types));
    } else if (types.includes('boolean') && (next === undefined || next.startsWith('--'))) {
      put(input, path, true, 'never');
    } else if (next === undefined) {
      throw new ContractError('invalid_input', `\`${word}\` needs a value`);
    } else {
      put(input, path, typed(next, types), listing(types));
      index += 1;
    }
  }
  return input;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return parts.length === 0 ? [schema] : parts.flatMap(alternatives);
}

/** The JSON types that the schema takes at that path; none when it knows no such field. */
function wanted(schema: JsonSchema, path: readonly string[]): readonly string[] {
  let here = alternatives(schema);
  for (const key of path) {
    here = here.flatMap((part) => {
      const next = Object.hasOwn(part.properties ?? {}, key)
        ? part.properties?.[key]
        : part.additionalProperties;
      return typeof next === 'object' ? alternatives(next) : [];
    });
  }
  return here.flatMap((part) => part.type ?? []);
}

function typed(text: string, types: readonly string[]): Json {
  if (/^[[{]/.test(text) && (types.includes('array') || types.includes('object') || types.length === 0)) {
    try {
      return JSON.parse(text) as Json;
    } catch (error) {
      if (!types.includes('string'))
        throw new ContractError(
          'invalid_input',
          `\`${text}\` is not JSON: ${error instanceof Error ? error.message : ''}`,
          { cause: error },
        );
    }
  }
  const number = Number(text);
  if (
    (types.includes('number') || types.includes('integer')) &&
    text.trim() !== '' &&
    Number.isFinite(number)
  )
    return number;
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** When a value becomes a list: where the schema takes one value as well, only once the flag is repeated. */
type Listing = 'always' | 'repeated' | 'never';

function listing(types: readonly string[]): Listing {
  if (!types.includes('array')) return 'never';
  return types.every((type) => type === 'array' || type === 'object') ? 'always' : 'repeated';
}

function put(input: Record<string, Json>, path: readonly string[], value: Json, list: Listing): void {
  let here = input;
  for (const key of path.slice(0, -1)) {
    const inner = Object.hasOwn(here, key) ? here[key] : undefined;
    const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
    define(here, key, next);
    here = next;
  }
  const last = path.at(-1) ?? '';
  const before = Object.hasOwn(here, last) ? here[last] : undefined;
  const isList = list === 'always' || (list === 'repeated' && before !== undefined);
  if (isList && !Array.isArray(value))
    define(here, last, [...(before === undefined ? [] : [before].flat()), value]);
  else define(here, last, value);
}

/** Own property even for `__proto__`. */
function define(target: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
