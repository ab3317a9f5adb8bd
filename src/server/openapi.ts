import { z } from 'zod';
import type { Method } from '../../contracts/contract.ts';
import { wireError } from '../../contracts/contract-error.ts';
import { COMMON_ERRORS, ERRORS } from '../../contracts/errors.ts';
import { CONTRACTS } from '../dispatch/client.ts';

/** The whole API as an OpenAPI 3.1 document, derived from the contracts. */
export function openApi(version: string): object {
  const paths = Object.values(CONTRACTS).flatMap(({ id, methods }) =>
    Object.entries<Method>(methods).map(
      ([name, method]) => [`/v1/${id}/${name}`, { post: operation(id, name, method) }] as const,
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
    paths: Object.fromEntries(paths),
    components: { schemas: { Error: schemaOf(z.object({ error: wireError }), 'output') } },
  };
}

function operation(contract: string, name: string, method: Method): object {
  const statuses = new Map<number, string[]>();
  for (const code of [...method.errors, ...COMMON_ERRORS])
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
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schemaOf(method.input, 'input') } },
    },
    responses: {
      200: {
        description: 'Done.',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['output'],
              properties: { output: schemaOf(method.output, 'output') },
            },
          },
        },
      },
      ...Object.fromEntries(failures),
    },
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  });
  return rest;
}
