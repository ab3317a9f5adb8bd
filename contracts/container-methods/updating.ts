import { z } from 'zod';
import { containerFields, restartPolicy } from '../container-spec.ts';
import type { Method } from '../contract.ts';
import { status } from '../events.ts';
import { reference } from './reference.ts';
import { START } from './running.ts';

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

const none = z.union([z.null(), z.literal('none')]).transform(() => null);

/** A limit, or what takes it off; parsed to null. */
function orNone<T extends z.ZodType>(field: T) {
  return z
    .union([field, none])
    .describe(`${field.description ?? ''} null or \`none\` takes it off.`)
    .optional();
}

/** What can be changed in a container that is there. */
export const updatableFields = {
  memory_limit: orNone(memory_limit),
  memory_swap: orNone(memory_swap),
  memory_reservation: orNone(memory_reservation),
  cpu_limit: orNone(cpu_limit),
  cpu_shares: orNone(cpu_shares),
  cpu_period: orNone(cpu_period),
  cpu_quota: orNone(cpu_quota),
  cpuset_cpus: orNone(cpuset_cpus),
  cpuset_mems: orNone(cpuset_mems),
  blkio_weight: orNone(blkio_weight),
  pids_limit: orNone(pids_limit),
  restart_policy: restartPolicy.optional(),
} as const;

/** `update` */
export const updatingMethods = {
  update: {
    description:
      'Change limits of a container in place, running or not, and keep them: it has them when it is made anew, too. `memory_limit`, `memory_swap`, `cpu_period`, `cpu_quota` and `pids_limit` are taken off in place, the others with `recreate`. One that is declared is changed by its entry.',
    input: z
      .strictObject({
        id: reference,
        ...updatableFields,
        recreate: z
          .boolean()
          .describe(
            'True: it may be made anew, where the engine cannot take a limit off in place. Default: false, and that is `unsupported`.',
          )
          .optional(),
      })
      .refine(
        ({ id: _, recreate: _recreate, ...limits }) =>
          Object.values(limits).some((value) => value !== undefined),
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
  refresh: {
    description:
      'Pull the image of a container again, and make it anew if its name means another one now. What it needs is brought along: pulled and made anew alike, as `docker compose pull --include-deps` and `up` do, or, where it does not run, started; members of groups are only started, since what they run is for `groups.update` to say. Each comes after what it needs. What has come to its end is not run again.',
    input: z.strictObject({
      id: reference,
      dependencies: z.boolean().describe('False: that container alone. Default: true.').optional(),
      dry_run: z
        .boolean()
        .describe('Only ask the registries, and say what would come of it: nothing is pulled or changed.')
        .optional(),
      wait: z.boolean().describe('Answer only when all of it is so.').optional(),
    }),
    output: z.object({
      id: z.string(),
      changed: z.array(z.string()).describe('Names of containers that get another image.'),
      started: z.array(z.string()).describe('Names of containers that it needs and that did not run.'),
    }),
    errors: [
      'not_found',
      'ambiguous_name',
      'not_ours',
      'wrong_state',
      ...START,
      'invalid_config',
      'daemon_not_running',
      'engine_unreachable',
      'engine_timeout',
      'engine_denied',
      'engine_failed',
    ],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
