import { z } from 'zod';
import type { Method } from '../../contracts/contract.ts';
import { wireError } from '../../contracts/contract-error.ts';
import { COMMON_ERRORS, ERRORS } from '../../contracts/errors.ts';
import { CONTRACTS } from '../dispatch/client.ts';
import { streamPaths } from './openapi-streams.ts';

/** The whole API as an OpenAPI 3.1 document, derived from the contracts. */
export function openApi(version: string): object {
  const shared: Shared = new Map();
  const paths = Object.values(CONTRACTS).flatMap(({ id, methods }) =>
    Object.entries<Method>(methods).map(
      ([name, method]) => [`/v1/${id}/${name}`, { post: operation(id, name, method, shared) }] as const,
    ),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Berth',
      version,
      description: 'Containers declared beside the code that needs them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://localhost', description: 'Over the unix socket of the state folder.' }],
    paths: {
      ...Object.fromEntries(paths),
      ...streamPaths((schema, io) => schemaOf(schema, io, shared)),
    },
    components: {
      schemas: {
        Error: schemaOf(z.object({ error: wireError }), 'output', shared),
        ...Object.fromEntries(shared),
      },
    },
  };
}

/** Bytes are the body, and the other fields stand beside it. */
const BYTES_BODY = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };

function requestOf(method: Method, shared: Shared): object {
  const json = { 'application/json': { schema: schemaOf(method.input, 'input', shared) } };
  if (method.bytes !== 'in') return { requestBody: { required: true, content: json } };
  return {
    parameters: [
      {
        name: 'input',
        in: 'query',
        description: 'The input’s fields but for `tar`, which is the body.',
        content: json,
      },
    ],
    requestBody: { required: true, content: BYTES_BODY },
  };
}

function answerOf(method: Method, shared: Shared): object {
  const output = schemaOf(method.output, 'output', shared);
  const json = {
    'application/json': { schema: { type: 'object', required: ['output'], properties: { output } } },
  };
  if (method.bytes !== 'out') return { content: json };
  return {
    headers: {
      'berth-output': {
        description: 'The output’s fields but for `tar`, which is the body.',
        content: { 'application/json': { schema: output } },
      },
    },
    content: BYTES_BODY,
  };
}

function operation(contract: string, name: string, method: Method, shared: Shared): object {
  const statuses = new Map<number, string[]>();
  for (const code of new Set([...method.errors, ...COMMON_ERRORS]))
    statuses.set(ERRORS[code].status, [
      ...(statuses.get(ERRORS[code].status) ?? []),
      `\`${code}\`: ${ERRORS[code].meaning}`,
    ]);
  const failures = [...statuses].map(
    ([status, meanings]) =>
      [
        String(status),
        {
          description: meanings.join(' '),
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      ] as const,
  );
  return {
    operationId: `${contract.replaceAll(/[.:]/g, '_')}_${name}`,
    summary: method.description,
    tags: [contract],
    ...requestOf(method, shared),
    responses: {
      200: {
        description: 'Done.',
        ...answerOf(method, shared),
      },
      ...Object.fromEntries(failures),
    },
  };
}

/** Schemas that refer to themselves, by the name that they have among the document’s components. */
type Shared = Map<string, object>;

/** What zod writes under `$defs` belongs to the whole document, where references begin at its root. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', shared: Shared): object {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  let text = JSON.stringify(rest);
  for (const [name, definition] of Object.entries($defs)) {
    const own = `#/$defs/${name}`;
    const key = nameOf(definition, own, shared);
    text = text.replaceAll(JSON.stringify(own), JSON.stringify(`#/components/schemas/${key}`));
  }
  return JSON.parse(text) as object;
}

/** The same definition has one name, however many methods use it. */
function nameOf(definition: object, own: string, shared: Shared): string {
  const named = (name: string): object =>
    JSON.parse(
      JSON.stringify(definition).replaceAll(
        JSON.stringify(own),
        JSON.stringify(`#/components/schemas/${name}`),
      ),
    ) as object;
  for (let count = 1; ; count++) {
    const name = `Shared${count}`;
    const there = shared.get(name);
    if (there !== undefined && JSON.stringify(there) !== JSON.stringify(named(name))) continue;
    shared.set(name, named(name));
    return name;
  }
}
