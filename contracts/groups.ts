import { z } from 'zod';
import { groupMethods } from './container-methods/groups.ts';
import { defineContract } from './contract.ts';
import { status } from './events.ts';
import { changingMethods } from './group-methods/changing.ts';
import {
  deploymentView,
  endpoint,
  groupMember,
  groupName,
  groupView,
  serviceName,
  services,
} from './group-methods/group-view.ts';
import { duration } from './units.ts';

const named = z.object({ id: z.string(), name: z.string(), status });
const acted = z.object({ group: z.string(), containers: z.array(named) });
const wait = z.boolean().describe('Answer only when it is so.').optional();
const timeout = duration
  .describe('How long each may take to stop before it is killed, instead of its `stop_timeout`.')
  .optional();

/** `userspace.docker:groups` */
export const groups = defineContract({
  id: 'userspace.docker:groups',
  description: 'Containers that belong together: look at them, change them, and take a change back.',
  methods: {
    list: {
      description: 'All groups.',
      input: z.strictObject({}),
      output: z.object({ groups: z.array(groupView) }),
      errors: [],
      idempotent: true,
    },
    get: {
      description: 'One group as a whole.',
      input: z.strictObject({ group: groupName }),
      output: groupView,
      errors: ['not_found'],
      idempotent: true,
    },
    status: {
      description: 'One group, and each of its containers.',
      input: z.strictObject({ group: groupName }),
      output: groupView.extend({ members: z.array(groupMember) }),
      errors: ['not_found'],
      idempotent: true,
    },
    endpoints: {
      description: 'Where the ports of a group are to be found, inside and outside.',
      input: z.strictObject({ group: groupName, service: serviceName.optional() }),
      output: z.object({ endpoints: z.array(endpoint) }),
      errors: ['not_found'],
      idempotent: true,
    },
    history: {
      description: 'The releases of a group and the deployments that led to them, newest first.',
      input: z.strictObject({
        group: groupName,
        limit: z.int().min(1).max(200).describe('Default: 20.').optional(),
      }),
      output: z.object({
        group: z.string(),
        release: z.int().describe('The one that is wanted.'),
        releases: z.array(
          z.object({
            number: z.int(),
            cause: z.string(),
            created_at: z.string(),
            services: z.record(
              z.string(),
              z.object({ image: z.string(), image_id: z.string().optional(), replicas: z.int() }),
            ),
          }),
        ),
        deployments: z.array(deploymentView),
      }),
      errors: ['not_found'],
      idempotent: true,
    },
    plan: {
      description: 'What a deployment of these services would change, and what is as it should be.',
      input: changingMethods.deploy.input.pick({ group: true, services: true }),
      output: z.object({
        group: z.string(),
        services: z.array(
          z.object({
            service: z.string(),
            action: z.enum(['create', 'replace', 'adjust', 'scale', 'remove', 'keep']),
            changed: z
              .array(
                z.object({ field: z.string(), from: z.unknown().optional(), to: z.unknown().optional() }),
              )
              .describe('Values of variables whose names look like secrets are masked.'),
            containers: z.array(z.string()),
          }),
        ),
      }),
      errors: ['not_found', 'invalid_input'],
      idempotent: true,
    },
    ...changingMethods,
    start: {
      description: 'Start its containers, each after what it needs.',
      input: z.strictObject({ group: groupName, services, wait }),
      output: acted,
      errors: ['not_found', 'wrong_state', 'daemon_not_running', 'engine_unreachable'],
      idempotent: true,
    },
    stop: {
      description: 'Stop its containers, each before what it needs.',
      input: z.strictObject({ group: groupName, services, wait, timeout }),
      output: acted,
      errors: ['not_found', 'wrong_state', 'daemon_not_running', 'engine_unreachable'],
      idempotent: true,
    },
    restart: {
      description: 'Restart its main and sidecar containers; what ran once is not run again.',
      input: z.strictObject({ group: groupName, services, wait, timeout }),
      output: acted,
      errors: ['not_found', 'wrong_state', 'daemon_not_running', 'engine_unreachable'],
      idempotent: false,
    },
    teardown: groupMethods.teardown,
  },
});
