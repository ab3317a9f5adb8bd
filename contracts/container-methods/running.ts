import { z } from 'zod';
import { engineName } from '../container-fields/texts.ts';
import type { Method } from '../contract.ts';
import { status } from '../events.ts';
import { duration } from '../units.ts';
import { reference } from './reference.ts';

const wait = z.boolean().describe('Answer only when it is so, or has failed.').optional();
const timeout = duration
  .describe('How long it may take to stop before it is killed, instead of `stop_timeout`.')
  .optional();
const answer = z.object({ id: z.string(), status });
const COMMON = ['not_found', 'ambiguous_name', 'not_ours', 'wrong_state'] as const;
const ENGINE = ['engine_unreachable', 'engine_timeout', 'engine_denied', 'engine_failed'] as const;
/** Why a start that somebody waits for can fail. */
export const START = [
  'start_failed',
  'dependency_failed',
  'port_conflict',
  'name_conflict',
  'image_not_found',
  'image_denied',
  'image_rate_limited',
  'image_registry_unreachable',
  'image_stalled',
  'image_pull_failed',
  'image_build_failed',
  'credentials_failed',
  'no_space',
  'engine_refused',
  'unsupported',
] as const;

/** Whether it runs: `start`, `stop` and `restart` change what is wanted, the rest acts on the engine at once. */
export const runningMethods = {
  start: {
    description: 'Want it to run. One that runs, or is on its way, is left alone; a paused one is refused.',
    input: z.strictObject({ id: reference, wait }),
    output: answer,
    errors: [...COMMON, ...ENGINE, ...START],
    idempotent: true,
  },
  stop: {
    description: 'Want it stopped, until it is started again. Its container and its log stay.',
    input: z.strictObject({ id: reference, timeout, wait }),
    output: answer,
    errors: [...COMMON, ...ENGINE],
    idempotent: true,
  },
  restart: {
    description: 'End the run that goes on now and begin another one. One that does not run is started.',
    input: z.strictObject({ id: reference, timeout, wait }),
    output: answer,
    errors: [...COMMON, ...ENGINE, ...START],
    idempotent: false,
  },
  kill: {
    description:
      'Send a signal to its main process. What follows an end is up to its restart policy: `stop` keeps it down.',
    input: z.strictObject({
      id: reference,
      signal: z
        .union([
          z.int().min(1).max(64),
          z.string().regex(/^(SIG)?[A-Z][A-Z0-9+-]{1,12}$/, 'a name like SIGTERM, or a number'),
        ])
        .describe('Default: SIGKILL.')
        .optional(),
    }),
    output: answer,
    errors: [...COMMON, ...ENGINE, 'engine_refused', 'unsupported'],
    idempotent: false,
  },
  pause: {
    description:
      'Freeze its processes. It stays so, also over a restart of Berth, until `unpause`, `stop` or `restart`.',
    input: z.strictObject({ id: reference }),
    output: answer,
    errors: [...COMMON, ...ENGINE, 'unsupported'],
    idempotent: true,
  },
  unpause: {
    description: 'Let its processes go on.',
    input: z.strictObject({ id: reference }),
    output: answer,
    errors: [...COMMON, ...ENGINE, 'unsupported'],
    idempotent: true,
  },
  rename: {
    description: 'Give it another name, while it runs too. Its former name stays its alias on its network.',
    input: z.strictObject({ id: reference, name: engineName }),
    output: z.object({ id: z.string(), name: z.string() }),
    errors: [...COMMON, ...ENGINE, 'name_conflict'],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
