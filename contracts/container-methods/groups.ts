import { z } from 'zod';
import { checkReplicas, membershipFields } from '../container-fields/convergence.ts';
import { engineName, networkName } from '../container-fields/texts.ts';
import { checkContainerFields, containerFields } from '../container-spec.ts';
import type { Method } from '../contract.ts';
import { containerEvent, status, streamTarget } from '../events.ts';
import { failure } from '../listing.ts';
import { duration } from '../units.ts';
import { keepVolumes } from './reference.ts';

const { stream: _stream, ...memberFields } = containerFields;
const ENGINE = ['engine_unreachable', 'engine_timeout', 'engine_denied', 'engine_failed'] as const;
/** Every container could be on them, or on the machine’s own. */
const OF_THE_ENGINE: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'default']);
const groupName = engineName.max(100);

const member = z
  .strictObject({
    ...memberFields,
    name: networkName
      .max(100)
      .describe('Short: its name for the others. The container is called GROUP-NAME. Left out: its number.')
      .optional(),
    start: z.boolean().describe('False: only create it.').optional(),
    ...membershipFields,
  })
  .superRefine(checkContainerFields)
  .superRefine(checkReplicas);

/** Several containers that belong together. */
export const groupMethods = {
  compose: {
    description:
      'Make a named group of containers on a shared network: all of them are asked for in one transaction, or none. Answers at once; the events tell how it goes.',
    input: z
      .strictObject({
        name: groupName.describe('The group’s name: its id.'),
        network: networkName
          .refine((name) => !OF_THE_ENGINE.has(name), 'a network of its own')
          .describe(
            'The network that they share, made if missing. Left out: one called as the group, that goes with it.',
          )
          .optional(),
        containers: z.array(member).min(1).max(200),
        labels: containerFields.labels.describe('On each of them, below its own.').optional(),
        stream: streamTarget.describe('Where the events of all of them go.').optional(),
      })
      .superRefine(({ name, network, containers }, context) => {
        if (network === undefined && OF_THE_ENGINE.has(name))
          context.addIssue({
            code: 'custom',
            path: ['name'],
            message: `${name} is a network of the engine’s own; give the group another name, or say its \`network\``,
          });
        const seen = new Set<string>();
        containers.forEach(({ name = '' }, index) => {
          if (name !== '' && seen.has(name))
            context.addIssue({
              code: 'custom',
              path: ['containers', index, 'name'],
              message: `there is another ${name} in this group`,
            });
          seen.add(name);
        });
      }),
    output: z.object({
      group: z.string(),
      network: z.string(),
      auto_network: z.boolean().describe('True: it is the group’s own, and goes with it.'),
      containers: z.array(z.object({ id: z.string(), name: z.string(), status })),
    }),
    errors: ['name_conflict', 'unsupported', ...ENGINE],
    events: containerEvent,
    idempotent: false,
  },
  teardown: {
    description:
      'Stop and remove all containers of a group, and its network. Asking again, or for one that is not there, is a success.',
    input: z.strictObject({
      group: groupName,
      wait: z.boolean().describe('Answer only when all of it is gone.').optional(),
      timeout: duration
        .describe('How long each may take to stop before it is killed, instead of its `stop_timeout`.')
        .optional(),
      keep_volumes: keepVolumes.optional(),
    }),
    output: z.object({
      group: z.string(),
      containers: z.array(z.object({ id: z.string(), name: z.string(), status })),
      network_removed: z
        .boolean()
        .describe('True: the network went with it; with `wait` alone this can be said.'),
      failed: z.array(failure).describe('With `wait`: what could not be removed. It is tried again.'),
    }),
    errors: [...ENGINE],
    idempotent: true,
  },
  cleanup: {
    description:
      'Remove containers of ours that have ended, but for declared ones. Goes on past single failures.',
    input: z.strictObject({
      stopped: z.boolean().describe('Those that have ended. Default: true.').optional(),
      dead: z.boolean().describe('Those that the engine could not remove whole. Default: true.').optional(),
      include_initial: z.boolean().describe('Those that never started, too. Default: false.').optional(),
      older_than: duration.describe('Only those that have been so for that long.').optional(),
      exclude: z
        .array(z.string().min(1).max(400))
        .max(1000)
        .describe('Ids or names to leave alone.')
        .optional(),
      keep_volumes: keepVolumes.optional(),
      dry_run: z.boolean().describe('Only say what would go.').optional(),
    }),
    output: z.object({
      removed: z.array(z.object({ id: z.string(), name: z.string() })),
      failed: z.array(failure),
    }),
    errors: [...ENGINE],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
