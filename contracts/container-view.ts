import { z } from 'zod';
import { health, status, statusReason } from './events.ts';

export const publishedPort = z.object({
  host_ip: z.string(),
  host: z.int(),
  container: z.int(),
  protocol: z.enum(['tcp', 'udp', 'sctp']),
});
export type PublishedPort = z.infer<typeof publishedPort>;

/** The engine’s own word for what a container does; `created`: it has never been started. */
export const engineState = z.enum([
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
]);

/** What one probe has shown. */
export const probeView = z.object({
  verdict: z
    .enum(['pending', 'good', 'failed'])
    .describe('`pending`: not yet so many looks in a row that it could be said.'),
  streak: z.int().min(0).describe('Looks in a row that went like the last one, up to the last change.'),
  ok: z.boolean().describe('How the last look went that changed something.').optional(),
  output: z.string().describe('What that look said, or why it failed: 4 KiB at most.').optional(),
  looked_at: z.string().describe('When it was.').optional(),
});
export type ProbeView = z.infer<typeof probeView>;

/** One container as `get` and `list` show it. */
export const containerView = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  status,
  health: health.describe('The worst of its health check and its probes; `none` without any.').optional(),
  ready: z
    .boolean()
    .describe(
      'It runs, its health check (if it has one) is good, and so are its `startup` and `ready` probes.',
    )
    .optional(),
  probes: z
    .partialRecord(z.enum(['startup', 'ready', 'live']), probeView)
    .describe('What its probes have shown of this run. Not in lists.')
    .optional(),
  reason: statusReason.describe('Why it is not running, or what is being tried again.').optional(),
  waits_for: z
    .array(z.string())
    .describe('Ids of the containers that it waits for, or names of what is not there.')
    .optional(),
  exit_code: z.int().optional(),
  managed: z.boolean().describe('False for a container that somebody else made.'),
  group: z.string().describe('The group that it belongs to.').optional(),
  service: z.string().describe('Its short name there.').optional(),
  declared: z.boolean().describe('True when a registry entry declares it.'),
  engine_id: z.string().describe('The engine’s own id.').optional(),
  engine_state: engineState
    .describe('What the engine last called it; with it `created` can be told from `exited`.')
    .optional(),
  image_id: z.string().optional(),
  ports: z.array(publishedPort),
  networks: z.array(z.object({ name: z.string(), ip: z.string().optional(), aliases: z.array(z.string()) })),
  labels: z.record(z.string(), z.string()),
  generation: z.int().describe('Counts changes of mind.'),
  attempt: z.int().describe('Counts starts.'),
  restart_count: z.int().describe('Restarts by the engine’s own policy.'),
  created_at: z.string().describe('When it was asked for.'),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  next_attempt_at: z.string().optional(),
  observed_at: z.string().describe('When the engine was last asked.').optional(),
  size_written: z.int().describe('Bytes that it wrote itself; with `size`.').optional(),
  size_total: z.int().describe('Bytes of its whole file system; with `size`.').optional(),
  stale: z.boolean().describe('True when the engine cannot be asked now.'),
});
export type ContainerView = z.infer<typeof containerView>;
