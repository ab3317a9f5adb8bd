import { z } from 'zod';
import { berthEvent } from '../../contracts/berth-event.ts';
import { listenRequest } from './stream-events.ts';

/** Writes a schema for the document it goes into. */
type Describe = (schema: z.ZodType, io: 'input' | 'output') => object;

/** What the API has beside the methods of the contracts: events, sessions, and its own state. */
export function streamPaths(describe: Describe): Readonly<Record<string, object>> {
  const refused = {
    description: 'What was asked for is wrong.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  return {
    '/v1/events': {
      post: {
        operationId: 'events',
        summary: 'Events of a target as they come: one JSON object a line, an empty line now and then.',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: describe(listenRequest, 'input') } },
        },
        responses: {
          200: {
            description: 'Until the listener leaves.',
            content: { 'application/x-ndjson': { schema: describe(berthEvent, 'output') } },
          },
          400: refused,
        },
      },
    },
    '/v1/sessions/{session_id}': {
      get: {
        operationId: 'session',
        summary:
          'A websocket with the input and output of a process, offered by `containers.exec` or `containers.attach`.',
        parameters: [
          { name: 'session_id', in: 'path', required: true, schema: { type: 'string', maxLength: 200 } },
        ],
        responses: { 101: { description: 'The connection is a websocket now.' }, 404: refused },
      },
    },
    '/healthz': {
      get: {
        operationId: 'healthz',
        summary: 'Whether the daemon answers, and which it is.',
        responses: {
          200: {
            description: 'It does.',
            content: {
              'application/json': {
                schema: describe(z.object({ ok: z.boolean(), version: z.string(), pid: z.int() }), 'output'),
              },
            },
          },
        },
      },
    },
  };
}
