import { z } from 'zod';
import { usageSample } from './container-methods/stats.ts';
import { wireError } from './contract-error.ts';
import { gapReason } from './events.ts';

const header = {
  operation_id: z.string().describe('Id of the operation: `op_…`, or the `build_id` of a build.'),
  seq: z.int().min(0).describe('Counts the events of one operation from 1, without a hole.'),
  attempt: z.int().min(0).describe('Which try of the operation this belongs to.'),
  ts: z.string().describe('RFC 3339 with nanoseconds.'),
};

export const operationLogEvent = z.object({
  type: z.literal('log'),
  ...header,
  stream: z.enum(['stdout', 'stderr']),
  line: z
    .string()
    .describe(
      'One line without its newline. Bytes that are not UTF-8 appear as U+FFFD; `bytes` then has them.',
    ),
  bytes: z.base64().describe('The line’s bytes, only when they are not UTF-8.').optional(),
  truncated: z
    .literal(true)
    .describe('The line was longer than 1 MiB; the rest of it follows as further lines.')
    .optional(),
});

export const operationProgressEvent = z.object({
  type: z.literal('progress'),
  ...header,
  image: z.string(),
  phase: z.string().describe('What the engine is doing: `Downloading`, `Extracting` …'),
  layer: z.string().describe('The layer that it is about; left out: all of them.').optional(),
  current: z.int().min(0).describe('Bytes so far.'),
  total: z.int().min(0).describe('Bytes known so far; 0 when nobody knows.'),
  rate: z.number().min(0).describe('Bytes a second, just now.').optional(),
});

export const stepEvent = z.object({
  type: z.literal('step'),
  ...header,
  step: z.string().describe('Which step: the same in all its events.'),
  name: z.string().describe('What it does, as the Dockerfile says it.'),
  status: z.enum(['started', 'cached', 'done', 'failed']),
  duration_ms: z.number().min(0).optional(),
  message: z.string().describe('Why it failed.').optional(),
});

export const statsEvent = z.object({
  type: z.literal('stats'),
  ...header,
  container_id: z.string().describe('Our id, or the engine’s for a container of others.'),
  name: z.string(),
  sample: usageSample.optional(),
  gap: z.enum(['not_found', 'not_running']).describe('Instead of a sample.').optional(),
});

export const engineEvent = z.object({
  type: z.literal('engine'),
  ...header,
  object: z.string().describe('`container`, `image`, `network`, `volume` …'),
  action: z.string().describe('`start`, `die`, `pull` … as the engine spells it.'),
  engine_id: z.string(),
  name: z.string().optional(),
  attributes: z.record(z.string(), z.string()),
});

export const operationGapEvent = z.object({
  type: z.literal('gap'),
  ...header,
  from: z.int().min(0).optional(),
  to: z.int().min(0).optional(),
  count: z.int().min(1).optional(),
  reason: gapReason,
});

export const operationDoneEvent = z.object({
  type: z.literal('done'),
  ...header,
  outcome: z.enum(['succeeded', 'failed', 'ended']).describe('`ended`: somebody stopped it.'),
  exit_code: z.int().optional(),
  error: wireError.describe('Why it failed.').optional(),
});

/** What a target gets of an operation that is no container: a pull, a build, an exec, samples, engine events. `done` comes once, last. */
export const operationEvent = z.discriminatedUnion('type', [
  operationLogEvent,
  operationProgressEvent,
  stepEvent,
  statsEvent,
  engineEvent,
  operationGapEvent,
  operationDoneEvent,
]);
export type OperationEvent = z.infer<typeof operationEvent>;
