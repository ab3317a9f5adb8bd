import { z } from 'zod';
import { ENTRY_TYPES, type EntryType, entryHeader, namespace } from '../../contracts/registry-entry.ts';

type Schema = z.core.JSONSchema.BaseSchema;
type Part = z.core.JSONSchema._JSONSchema;

const IS_OURS: Schema = {
  type: 'object',
  required: ['kind', 'meta'],
  properties: {
    kind: { const: 'registry.entry' },
    meta: { type: 'object', required: ['type'], properties: { type: { enum: Object.keys(ENTRY_TYPES) } } },
  },
};

const TITLES: { readonly [T in EntryType]: string } = {
  'docker.container': 'Container',
  'docker.network': 'Network',
  'docker.volume': 'Volume',
  'docker.image': 'Image',
  'docker.group': 'Group',
  'docker.map': 'Map',
};

/** What may stand in a file instead of a value. */
const VARIABLE: Schema = {
  type: 'string',
  pattern: '\\$\\{',
  description: 'A variable: ${NAME}, or ${NAME:-default}.',
};

/** Fields that say which entry it is: no variables in them. */
const FIXED: ReadonlySet<string> = new Set(['name', 'kind', 'meta']);

/**
 * The JSON Schema of an `_index.yaml`, for editors: what Berth acts on is checked strictly, entries of other kinds by their
 * header only. What one field alone cannot tell (`args` beside `command`) is left to `berth validate`.
 */
export function registrySchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Berth registry file',
    description: 'Declares containers, networks and volumes: an _index.yaml beside the code that needs them.',
    type: 'object',
    properties: {
      version: { type: ['string', 'number'], description: 'Version of the file format, "1.0".' },
      namespace: {
        ...fromZod(namespace),
        description: 'First part of the entries’ ids. Default: the folder’s name.',
      },
      meta: { type: 'object', description: 'Anything; not acted on.' },
      entries: {
        type: 'array',
        description: 'What is declared. An empty list declares nothing.',
        items: {
          anyOf: [
            ...Object.entries(ENTRY_TYPES).map(([type, schema]) => ({
              title: TITLES[type as EntryType],
              ...entryInFile(schema),
            })),
            { title: 'Entry of another kind', ...fromZod(entryHeader), not: IS_OURS },
          ],
        },
      },
    },
    required: ['entries'],
    additionalProperties: false,
  };
}

function fromZod(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return rest;
}

function entryInFile(entry: z.ZodType): Schema {
  const schema = fromZod(entry);
  const properties = Object.entries(schema.properties ?? {}).map(([name, field]) => [
    name,
    FIXED.has(name) ? field : asWritten(field),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** A value’s schema as it may be written in YAML: with variables, and numbers where a text is meant (`user: 1000`). */
function asWritten(schema: Part): Schema {
  if (typeof schema === 'boolean') return schema ? {} : { not: {} };
  const { anyOf, ...own } = schema;
  if (anyOf !== undefined) return { ...own, anyOf: [...anyOf.map(inUnion), VARIABLE] };
  const { properties, items, additionalProperties } = schema;
  if (properties !== undefined) {
    const written = Object.entries(properties).map(([name, field]) => [name, asWritten(field)]);
    return { ...schema, properties: Object.fromEntries(written) };
  }
  if (typeof items === 'object' && !Array.isArray(items)) return { ...schema, items: asWritten(items) };
  if (typeof additionalProperties === 'object')
    return { ...schema, additionalProperties: asWritten(additionalProperties) };
  const { description, ...bare } = schema;
  return { ...(description !== undefined && { description }), anyOf: [inUnion(bare), VARIABLE] };
}

function inUnion(schema: Part): Schema {
  if (typeof schema === 'boolean' || schema.items !== undefined || schema.properties !== undefined)
    return asWritten(schema);
  return schema.type === 'string' && schema.enum === undefined
    ? { ...schema, type: ['string', 'number'] }
    : schema;
}
