import { z } from 'zod';
import { defineContract } from './contract.ts';
import { streamTarget } from './events.ts';
import { oneOrMore } from './listing.ts';
import { moment } from './moment.ts';
import { engineEvent, operationEvent } from './operation-events.ts';
import { systemHealth } from './system-health.ts';
import {
  capability,
  type DISK_KINDS,
  diskItem,
  diskUsage,
  engineInfo,
  engineVersion,
} from './system-info.ts';

const ENGINE = ['engine_unreachable', 'engine_denied', 'engine_version', 'engine_timeout'] as const;
const text = oneOrMore(z.string().min(1).max(512));

export const eventFilter = {
  since: moment
    .describe(
      'From then on: RFC 3339, seconds since 1970, or how long ago (`10m`). The engine remembers its last 256.',
    )
    .optional(),
  until: moment.describe('Up to then, and then it ends.').optional(),
  type: text.describe('container, image, network, volume, daemon, builder …; any of them.').optional(),
  action: text.describe('start, die, pull, health_status …; any of them.').optional(),
  label: text.describe('name, or name=value; all of them.').optional(),
  container: text.describe('Names or engine ids; any of them.').optional(),
  image: text.describe('Any of them.').optional(),
  network: text.describe('Any of them.').optional(),
  volume: text.describe('Any of them.').optional(),
  managed: z.boolean().describe('True: only about what is ours.').optional(),
};

const events = {
  description:
    'What happens on the engine. With `stream`, its target gets it as it happens (events of type `engine`), also over restarts of the engine, until `until` or `stop_operation`. Without, what the engine still remembers of it is answered.',
  input: z.strictObject({
    ...eventFilter,
    stream: streamTarget.describe('Where they go; `reply_to` left out: the caller.').optional(),
  }),
  output: z.object({
    operation_id: z.string().describe('With `stream`: whose events come to the target.').optional(),
    events: z
      .array(engineEvent.omit({ type: true, operation_id: true, seq: true, attempt: true }))
      .describe('Without `stream`: oldest first.'),
  }),
  events: operationEvent,
  errors: [...ENGINE, 'daemon_not_running', 'engine_refused'],
  idempotent: false,
} as const;

/** `userspace.docker:system` */
export const system = defineContract({
  id: 'userspace.docker:system',
  description: 'Ask after the engine, and after Berth itself.',
  methods: {
    ping: {
      description:
        'A round trip to the engine, within three seconds. An engine that does not answer is a result, not an error.',
      input: z.strictObject({}),
      output: z.object({
        healthy: z.boolean(),
        message: z.string().describe('`OK`, or why not.'),
        latency_ms: z.number().min(0),
        checked_at: z.string().describe('RFC 3339, when the round trip ended.'),
      }),
      errors: [],
      idempotent: true,
    },
    version: {
      description: 'Which engine answers, and the API version spoken with it.',
      input: z.strictObject({}),
      output: engineVersion,
      errors: ENGINE,
      idempotent: true,
    },
    info: {
      description: 'What the engine says of itself and its machine.',
      input: z.strictObject({}),
      output: engineInfo,
      errors: ENGINE,
      idempotent: true,
    },
    df: {
      description: 'What images, containers, volumes and the build cache take on the engine’s disk.',
      input: z.strictObject({
        details: z.boolean().describe('Each of them, too.').optional(),
      }),
      output: z.object({
        image: diskUsage,
        container: diskUsage,
        volume: diskUsage,
        build_cache: diskUsage,
        layers_size: z.int().describe('Of all images together, what they share counted once. In bytes.'),
        items: z.array(diskItem).describe('With `details`: largest first.').optional(),
      }),
      errors: [...ENGINE, 'unsupported'],
      idempotent: true,
    },
    capabilities: {
      description:
        'What this engine, in its version and on its machine, can do. With `require`, the lack of any of those is one `unsupported` error that lists them all.',
      input: z.strictObject({
        require: z.array(z.string().min(1)).describe('Names of what must be there.').optional(),
      }),
      output: z.object({
        engine: z.string(),
        api: z.string(),
        capabilities: z.array(capability),
      }),
      errors: [...ENGINE, 'unsupported', 'invalid_input'],
      idempotent: true,
    },
    events,
    stop_operation: {
      description:
        'End a stream of events that goes to a target (of `events`, of statistics …). Its `done` says `ended`. One that has ended, or never was, is a success.',
      input: z.strictObject({ operation_id: z.string().min(1).max(200) }),
      output: z.object({ stopped: z.boolean().describe('False: none of that id was under way.') }),
      errors: [],
      idempotent: true,
    },
    health: {
      description: 'How Berth itself does: its engine, workers, database, journal and queue. Never an error.',
      input: z.strictObject({}),
      output: systemHealth,
      errors: [],
      idempotent: true,
    },
  },
});
export type DiskKind = (typeof DISK_KINDS)[number];
