import { z } from 'zod';

const part = {
  ok: z.boolean(),
  message: z.string().describe('Why it is not; `OK` otherwise.'),
};

/** How Berth itself does. */
export const systemHealth = z.object({
  healthy: z.boolean().describe('True when all of its parts are, and somebody works.'),
  problems: z.array(z.string()).describe('What is wrong, one a line; empty when healthy.'),
  checked_at: z.string().describe('RFC 3339.'),
  engine: z.object({
    ...part,
    age_ms: z
      .number()
      .min(0)
      .describe('How long ago it was last heard of; left out: nobody listens.')
      .optional(),
  }),
  workers: z.object({
    ...part,
    wanted: z.int().min(0).describe('0: the work is done in the daemon’s own process, or no daemon runs.'),
    pids: z.array(z.int()),
  }),
  database: z.object({ ...part, latency_ms: z.number().min(0) }),
  journal: z.object({ ...part, latency_ms: z.number().min(0) }),
  queue: z
    .object({
      due: z.int().describe('Containers that somebody should look at now.'),
      oldest_due_ms: z.int().describe('How long the most overdue one waits; 0: none does.'),
      claimed: z.int().describe('Being worked on.'),
      retrying: z.int().describe('Waiting for their next try.'),
      failed: z.int(),
      total: z.int().describe('All that are not removed.'),
    })
    .describe('Containers of ours.'),
  stale: z.int().describe('Containers not seen on the engine for half a minute.'),
  operations: z.int().describe('Streams of events that are under way.'),
  resources: z
    .object({ pending: z.int(), failed: z.int() })
    .describe('Declared networks, volumes and images.'),
});
export type SystemHealth = z.infer<typeof systemHealth>;
