import { z } from 'zod';
import type { Method } from '../contract.ts';
import { status, streamTarget } from '../events.ts';
import { operationEvent } from '../operation-events.ts';
import { duration } from '../units.ts';
import { containerInspection } from './inspection.ts';
import { reference } from './reference.ts';
import { containerStats } from './stats.ts';

const FOUND = ['not_found', 'ambiguous_name'] as const;
const ENGINE = ['engine_unreachable', 'engine_timeout', 'engine_denied', 'engine_failed'] as const;

/** What looks at a container and leaves it as it is; those of others too. */
export const lookingMethods = {
  wait: {
    description: 'Answer when it has ended and no restart is due; at once when that is so already.',
    input: z.strictObject({
      id: reference,
      timeout: duration.describe('Answer after so long at the latest, with `finished: false`.').optional(),
    }),
    output: z.object({
      id: z.string(),
      status,
      finished: z.boolean(),
      exit_code: z.int().describe('Left out when it never ran.').optional(),
    }),
    errors: [...FOUND, ...ENGINE],
    idempotent: true,
  },
  inspect: {
    description: 'All about one container: what is wanted, what our row says, and what the engine shows now.',
    input: z.strictObject({
      id: reference,
      size: z.boolean().describe('Bytes on disk too: the engine has to count them.').optional(),
    }),
    output: containerInspection,
    errors: [...FOUND, ...ENGINE],
    idempotent: true,
  },
  top: {
    description: 'The processes in it, as the `ps` of the engine’s machine lists them.',
    input: z.strictObject({
      id: reference,
      ps_args: z
        .string()
        .regex(/^[A-Za-z0-9 ,=:_%+-]{1,200}$/, 'options of ps: letters, digits, spaces and ,=:_%+-')
        .describe('Options of `ps`. Default: -ef.')
        .optional(),
    }),
    output: z.object({
      id: z.string(),
      titles: z.array(z.string()),
      processes: z.array(z.array(z.string())),
    }),
    errors: [...FOUND, ...ENGINE, 'wrong_state', 'engine_refused', 'unsupported'],
    idempotent: true,
  },
  stats: {
    description:
      'What containers use, one sample each, taken over about a second. One that is not there or does not run is a gap, no error.',
    input: z.strictObject({
      id: z
        .union([reference, z.array(reference).min(1).max(1000)])
        .describe('One or several. Left out: all of ours that run.')
        .optional(),
      stream: streamTarget
        .describe('A sample of each about every second goes there, until `system.stop_operation`.')
        .optional(),
    }),
    output: z.object({
      operation_id: z.string().describe('With `stream`: whose events come to the target.').optional(),
      containers: z.array(containerStats).describe('Without `stream`: in the order asked for.'),
    }),
    errors: [...ENGINE, 'unsupported', 'daemon_not_running'],
    events: operationEvent,
    idempotent: false,
  },
} as const satisfies Record<string, Method>;
