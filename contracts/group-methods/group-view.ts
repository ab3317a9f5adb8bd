import { z } from 'zod';
import { role } from '../container-fields/convergence.ts';
import { engineName } from '../container-fields/texts.ts';
import { health, status, statusReason } from '../events.ts';

export const groupName = engineName.max(100);
export const serviceName = z
  .string()
  .max(128)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'the short name of a service');

export const services = z
  .array(serviceName)
  .min(1)
  .max(200)
  .describe('Short names; left out: all of them.')
  .optional();

/** One container of a group. */
export const groupMember = z.object({
  id: z.string(),
  name: z.string(),
  service: z.string(),
  replica: z.int().describe('Its number, when its service is replicated.').optional(),
  role,
  image: z.string(),
  status,
  health: health.optional(),
  ready: z.boolean().describe('It runs, and is well by its health check and its probes.'),
  restarts: z.int().describe('By the engine’s policy.'),
  exit_code: z.int().optional(),
  reason: statusReason.optional(),
  next_attempt_at: z.string().optional(),
  release: z.int().describe('The release that it was last brought to.').optional(),
});
export type GroupMember = z.infer<typeof groupMember>;

export const deploymentState = z.enum([
  'running',
  'rolling_back',
  'succeeded',
  'failed',
  'rolled_back',
  'paused',
  'superseded',
]);

/** One move of a group from a release to another. */
export const deploymentView = z.object({
  id: z.string(),
  kind: z.enum(['deploy', 'update', 'rollback', 'scale', 'registry']),
  from_release: z.int(),
  to_release: z.int(),
  targets: z.array(z.string()).describe('The services that it is about.'),
  state: deploymentState,
  services: z
    .record(z.string(), z.object({ moved: z.int(), proven: z.int(), failed: z.int(), total: z.int() }))
    .describe('How far each of them is, in containers.'),
  reason: z.object({ code: z.string(), message: z.string() }).optional(),
  by: z.string().describe('Who asked for it.'),
  started_at: z.string(),
  ended_at: z.string().optional(),
});
export type DeploymentView = z.infer<typeof deploymentView>;

/** A group as a whole. */
export const groupView = z.object({
  group: z.string(),
  declared: z.boolean().describe('Registry entries declare it.'),
  network: z.string(),
  auto_network: z.boolean().describe('The network is the group’s own, and goes with it.'),
  desired_state: z.enum(['running', 'stopped', 'removed']),
  status: status.describe(
    'The worst of its members’; what has run to its end, and was meant to, does not count.',
  ),
  ready: z.boolean().describe('Every main and sidecar container is ready.'),
  services: z.record(z.string(), z.object({ replicas: z.int(), ready: z.int(), image: z.string() })),
  release: z.int().describe('The release that is wanted.'),
  labels: z.record(z.string(), z.string()),
  created_at: z.string(),
  deployment: deploymentView.describe('What is under way.').optional(),
});
export type GroupView = z.infer<typeof groupView>;

/** Where one port of a service is to be found. */
export const endpoint = z.object({
  service: z.string(),
  container: z.string(),
  public: z.boolean().describe('True: published on the engine’s machine; false: on the group’s network.'),
  protocol: z.enum(['tcp', 'udp', 'sctp']),
  scheme: z
    .string()
    .describe(
      'What is spoken there, as far as its probes or the port’s number tell: http, https, postgres, redis … else tcp, udp or sctp.',
    ),
  host: z.string(),
  port: z.int(),
  url: z.string(),
});
export type Endpoint = z.infer<typeof endpoint>;
