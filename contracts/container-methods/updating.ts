import { z } from 'zod';
import { containerFields, restartPolicy } from '../container-spec.ts';
import type { Method } from '../contract.ts';
import { status } from '../events.ts';
import { reference } from './reference.ts';

const {
  memory_limit,
  memory_swap,
  memory_reservation,
  cpu_limit,
  cpu_shares,
  cpu_period,
  cpu_quota,
  cpuset_cpus,
  cpuset_mems,
  blkio_weight,
  pids_limit,
} = containerFields;

/** What can be changed in a container as it is. */
export const updatableFields = {
  memory_limit,
  memory_swap,
  memory_reservation,
  cpu_limit,
  cpu_shares,
  cpu_period,
  cpu_quota,
  cpuset_cpus,
  cpuset_mems,
  blkio_weight,
  pids_limit,
  restart_policy: restartPolicy.optional(),
} as const;

/** `update` */
export const updatingMethods = {
  update: {
    description:
      'Change limits of a container in place, running or not, and keep them: it has them when it is made anew, too. One that is declared is changed by its entry.',
    input: z
      .strictObject({ id: reference, ...updatableFields })
      .refine(
        ({ id: _, ...limits }) => Object.values(limits).some((value) => value !== undefined),
        'say what to change',
      ),
    output: z.object({
      id: z.string(),
      status,
      changed: z.array(z.string()).describe('Fields that are otherwise now than before.'),
      warnings: z
        .array(z.string())
        .describe('What the engine warns of, like a limit that is not in force.')
        .optional(),
    }),
    errors: [
      'not_found',
      'ambiguous_name',
      'not_ours',
      'wrong_state',
      'unsupported',
      'engine_refused',
      'engine_unreachable',
      'engine_timeout',
      'engine_denied',
      'engine_failed',
    ],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
