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

/** One container as `get` and `list` show it. */
export const containerView = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  status,
  health: health.optional(),
  reason: statusReason.describe('Why it is not running, or what is being tried again.').optional(),
  exit_code: z.int().optional(),
  managed: z.boolean().describe('False for a container that somebody else made.'),
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
