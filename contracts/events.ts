import { z } from 'zod';

/** What a container of ours is doing, in our words. */
export const STATUSES = [
  'pending',
  'waiting',
  'pulling',
  'creating',
  'starting',
  'running',
  'restarting',
  'paused',
  'stopping',
  'stopped',
  'failed',
  'removed',
] as const;
export const status = z.enum(STATUSES);
export type Status = z.infer<typeof status>;

export const HEALTHS = ['none', 'starting', 'healthy', 'unhealthy'] as const;
export const health = z.enum(HEALTHS);
export type Health = z.infer<typeof health>;

const name = /^[A-Za-z0-9_.:/-]{1,200}$/;

/** Where events go: `reply_to` is a receiver's id (`process.self()`), `topic` what it listens to. */
export const streamTarget = z.strictObject({
  reply_to: z
    .string()
    .regex(name, 'letters, digits and _.:/- only')
    .describe(
      'Who gets the events: `process.self()`, or the --reply-to of `berth subscribe`. Left out: whoever listens to the topic.',
    )
    .optional(),
  topic: z
    .string()
    .regex(name, 'letters, digits and _.:/- only, and no @ at the start')
    .describe('What the receiver listens to.'),
});
export type StreamTarget = z.infer<typeof streamTarget>;

const header = {
  container_id: z.string().describe('Our id of the container.'),
  seq: z.int().min(0).describe('Counts the events of one container from 1, without a hole.'),
  attempt: z.int().min(0).describe('Which start of the container this belongs to.'),
  ts: z
    .string()
    .describe(
      'RFC 3339 with nanoseconds, as the engine gives it; our own clock for what the engine does not time.',
    ),
};

export const logEvent = z.object({
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
  source: z
    .literal('build')
    .describe('The build of its image wrote the line, before there was a container; left out: the container.')
    .optional(),
});

/** Of several that failed each for another, the one that failed by itself. */
const culprit = z.object({
  id: z.string(),
  name: z.string(),
  status,
  exit_code: z.int().optional(),
  health_output: z.string().describe('What its health check said last.').optional(),
  lines: z.array(z.string()).describe('The last 20 lines of its log.'),
});

export const statusReason = z.object({
  code: z.string(),
  message: z.string(),
  culprit: culprit.describe('Who is to blame for `dependency_failed`.').optional(),
});
export type StatusReason = z.infer<typeof statusReason>;

export const statusEvent = z.object({
  type: z.literal('status'),
  ...header,
  status,
  health: health
    .describe('The worst of its health check and its probes; left out when it has none.')
    .optional(),
  ready: z
    .boolean()
    .describe('It can be used now; told of what runs and has a health check or probes.')
    .optional(),
  exit_code: z.int().optional(),
  reason: statusReason.optional(),
});

export const progressEvent = z.object({
  type: z.literal('progress'),
  ...header,
  image: z.string(),
  phase: z.string().describe('What the engine is doing: `Downloading`, `Extracting` …'),
  current: z.int().min(0).describe('Bytes of all layers so far.'),
  total: z.int().min(0).describe('Bytes of all layers known so far.'),
});

export const gapReason = z.enum(['slow_reader', 'rotated', 'retention', 'unread_at_removal', 'engine_away']);

/** Events `from`…`to` did not fit a mailbox, or were lost before they could be read; `count` is left out when nobody can know it. */
export const gapEvent = z.object({
  type: z.literal('gap'),
  ...header,
  from: z.int().min(0).optional(),
  to: z.int().min(0).optional(),
  count: z.int().min(1).optional(),
  reason: gapReason,
});

export const doneEvent = z.object({
  type: z.literal('done'),
  ...header,
  status,
  exit_code: z.int().optional(),
});

/** What a subscriber to a container gets. `done` comes once, last, when the container rests and no restart is due. */
export const containerEvent = z.discriminatedUnion('type', [
  logEvent,
  statusEvent,
  progressEvent,
  gapEvent,
  doneEvent,
]);
export type ContainerEvent = z.infer<typeof containerEvent>;
export type LogEvent = z.infer<typeof logEvent>;
export type StatusEvent = z.infer<typeof statusEvent>;
export type GapEvent = z.infer<typeof gapEvent>;
