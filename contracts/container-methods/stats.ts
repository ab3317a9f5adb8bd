import { z } from 'zod';

/** What one container used, measured between two moments about a second apart. Sizes in bytes. */
export const usageSample = z.object({
  ts: z.string().describe('RFC 3339, as the engine gives it.'),
  cpu_percent: z.number().describe('Of one processor: 200 is two of them kept busy.'),
  cpu_seconds: z.number().describe('Used since its start.'),
  cpus: z.int().describe('Processors of the machine.'),
  memory_usage: z.int().describe('Without the file cache that can be given back at once.'),
  memory_limit: z.int().describe('Its own limit, else the machine’s memory.'),
  memory_percent: z.number(),
  network_rx: z.int(),
  network_tx: z.int(),
  block_read: z.int(),
  block_write: z.int(),
  pids: z.int(),
});
export type UsageSample = z.infer<typeof usageSample>;

/** One container of an answer: its sample, or why there is none. */
export const containerStats = z.object({
  id: z
    .string()
    .describe('Our id; the engine’s for those of others; what was asked for when nothing has it.'),
  name: z.string(),
  sample: usageSample.optional(),
  gap: z.enum(['not_found', 'not_running']).describe('Instead of a sample.').optional(),
});
export type ContainerStats = z.infer<typeof containerStats>;
