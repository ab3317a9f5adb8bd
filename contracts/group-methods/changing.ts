import { z } from 'zod';
import { membershipFields, updateConfig } from '../container-fields/convergence.ts';
import { START } from '../container-methods/running.ts';
import { containerFields } from '../container-spec.ts';
import type { Method } from '../contract.ts';
import { byteSize } from '../units.ts';
import { deploymentState, groupName, serviceName, services } from './group-view.ts';

const { stream: _stream, env_file: _env_file, ...fields } = containerFields;

/** How a deployment goes. */
const how = {
  group: groupName,
  strategy: updateConfig.describe('How, above what the services say themselves.').optional(),
  wait: z.boolean().describe('Answer only when it has ended; a failure is then deploy_failed.').optional(),
  supersede: z
    .boolean()
    .describe('End what is under way, and go on from what there is. Else that is busy.')
    .optional(),
};

const begun = z.object({
  group: z.string(),
  deployment_id: z.string().describe('Left out when nothing had to change.').optional(),
  release: z.int().describe('The release that it leads to.'),
  state: deploymentState,
  changed: z.array(z.string()).describe('Services that change.'),
  started: z
    .array(z.string())
    .describe(
      'Names of containers that they need and that did not run: they are started. Left out when there are none.',
    )
    .optional(),
});

const DEPLOYING = [
  'not_found',
  'busy',
  'deploy_failed',
  'wrong_state',
  'name_conflict',
  'unsupported',
  'daemon_not_running',
  'engine_unreachable',
  'engine_timeout',
] as const;

/** What makes another release of a group. */
export const changingMethods = {
  deploy: {
    description:
      'Make a release in which these services are other than before, and bring the group to it, service by service as each says. The others keep running, with their network; of what these services need, what does not run is started.',
    input: z.strictObject({
      ...how,
      services: z
        .record(serviceName, z.strictObject({ ...fields, ...membershipFields }).partial())
        .describe(
          'What changes, by service: each field given replaces the former one whole. A service without fields is made anew. Left out: all of them are.',
        )
        .optional(),
    }),
    output: begun,
    errors: DEPLOYING,
    idempotent: false,
  },
  update: {
    description:
      'Pull the images again, and roll exactly those services whose image is another one now. With `services` what these need is brought along: their dependencies in the group are pulled and rolled alike, as `docker compose pull --include-deps` and `up` do, and what does not run is started, in other groups, too, whose images are theirs to update. Each comes after what it needs. What has run once is not run again.',
    input: z.strictObject({
      ...how,
      services,
      dependencies: z
        .boolean()
        .describe('False: those services alone, whatever they need. Default: true.')
        .optional(),
      dry_run: z
        .boolean()
        .describe('Only ask the registries, and say what would be rolled: nothing is pulled or changed.')
        .optional(),
    }),
    output: begun,
    errors: [
      ...DEPLOYING.filter((code) => code !== 'name_conflict' && code !== 'unsupported'),
      ...START,
      'invalid_config',
      'engine_denied',
      'engine_failed',
    ],
    idempotent: false,
  },
  rollback: {
    description:
      'Bring the group back to a former release. Members that are as they were then are left alone. An image that cannot be had is said before anything stops.',
    input: z.strictObject({
      ...how,
      release: z.int().min(1).describe('Default: the last one before this that has succeeded.').optional(),
    }),
    output: begun,
    errors: [...DEPLOYING, 'image_not_found'],
    idempotent: false,
  },
  scale: {
    description:
      'Have so many containers of a service, or give it other limits, which the engine changes as it runs.',
    input: z.strictObject({
      ...how,
      service: serviceName,
      replicas: membershipFields.replicas,
      memory_limit: byteSize.describe('Bytes, or like 512m.').optional(),
      cpu_limit: containerFields.cpu_limit,
    }),
    output: begun,
    errors: [...DEPLOYING, 'invalid_input'],
    idempotent: false,
  },
} as const satisfies Record<string, Method>;
