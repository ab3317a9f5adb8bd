import { z } from 'zod';
import { containerView } from '../container-view.ts';
import { health } from '../events.ts';

/** What the engine shows of a container, in our words. Times are RFC 3339 with the engine’s nanoseconds. */
export const engineDetails = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  pid: z.int().describe('On the engine’s machine; left out when it does not run.').optional(),
  exit_code: z.int().describe('Only of one that has ended.').optional(),
  oom_killed: z.boolean(),
  error: z.string().describe('What the engine says of a failed start.').optional(),
  health: z
    .object({
      status: health,
      failing_streak: z.int(),
      log: z.array(
        z.object({ started_at: z.string(), finished_at: z.string(), exit_code: z.int(), output: z.string() }),
      ),
    })
    .describe('Left out when it has no health check.')
    .optional(),
  created_at: z.string(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  restart_count: z.int(),
  restart_policy: z.string(),
  image: z.string().describe('The reference it was made from.'),
  image_id: z.string(),
  command: z.array(z.string()).describe('What runs: entrypoint and command together.'),
  work_dir: z.string(),
  user: z.string(),
  hostname: z.string(),
  env: z.record(z.string(), z.string()).describe('Its own and its image’s.'),
  labels: z.record(z.string(), z.string()),
  networks: z.array(
    z.object({
      name: z.string(),
      id: z.string(),
      ip: z.string().optional(),
      gateway: z.string().optional(),
      mac_address: z.string().optional(),
      aliases: z.array(z.string()),
    }),
  ),
  mounts: z.array(
    z.object({
      type: z.enum(['bind', 'volume', 'tmpfs', 'other']),
      source: z.string().describe('Volume name, or path of the engine’s machine.'),
      container: z.string().describe('Where it appears inside.'),
      mode: z.enum(['rw', 'ro']),
      anonymous: z.boolean(),
    }),
  ),
  memory_limit: z.int().optional(),
  cpu_limit: z.number().optional(),
  tty: z.boolean(),
  interactive: z.boolean(),
  stdin_once: z.boolean().describe('Its input can be ended, and ends when its holder goes.'),
  log_driver: z.string(),
  size_written: z.int().describe('Bytes that it wrote itself; with `size`.').optional(),
  size_total: z.int().describe('Bytes of its whole file system; with `size`.').optional(),
});
export type EngineDetails = z.infer<typeof engineDetails>;

/** The view of `get`, and beside it what is wanted and what the engine shows. */
export const containerInspection = containerView.extend({
  desired_state: z.enum(['running', 'created', 'stopped', 'removed']).describe('Only of ours.').optional(),
  entry_source: z.string().describe('The registry file that declares it.').optional(),
  spec: z.record(z.string(), z.unknown()).describe('As it was asked for; only of ours.').optional(),
  engine: engineDetails
    .describe('Left out when there is none on the engine, or the engine does not answer (`stale`).')
    .optional(),
});
export type ContainerInspection = z.infer<typeof containerInspection>;
