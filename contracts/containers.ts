import { z } from 'zod';
import { engineName } from './container-fields/texts.ts';
import { fileMethods } from './container-methods/files.ts';
import { groupMethods } from './container-methods/groups.ts';
import { lookingMethods } from './container-methods/looking.ts';
import { keepVolumes, reference } from './container-methods/reference.ts';
import { runningMethods } from './container-methods/running.ts';
import { sessionMethods } from './container-methods/sessions.ts';
import { updatingMethods } from './container-methods/updating.ts';
import { checkContainerFields, containerFields } from './container-spec.ts';
import { containerView, engineState } from './container-view.ts';
import { defineContract } from './contract.ts';
import { containerEvent, status, streamTarget } from './events.ts';
import { moment } from './moment.ts';
import { duration } from './units.ts';

export const logLine = z.object({
  seq: z.int().describe('0 for a container that is not ours.'),
  ts: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  line: z.string(),
  bytes: z.base64().optional(),
});
export type LogLine = z.infer<typeof logLine>;

/** `userspace.docker:containers` */
export const containers = defineContract({
  id: 'userspace.docker:containers',
  description: 'Make, watch and remove containers.',
  methods: {
    create: {
      description: 'Ask for a container. Answers at once; the events tell how it goes.',
      input: z
        .strictObject({
          ...containerFields,
          name: engineName.describe('Left out: made from the id.').optional(),
          start: z.boolean().describe('False: only create it.').optional(),
          if_exists: z
            .enum(['fail', 'reuse', 'replace'])
            .describe('When the name is taken by a container of ours. Default: fail.')
            .optional(),
        })
        .superRefine(checkContainerFields),
      output: z.object({ id: z.string(), status }),
      errors: ['name_conflict', 'unsupported', 'engine_unreachable', 'engine_timeout'],
      events: containerEvent,
      idempotent: false,
    },
    get: {
      description: 'One container. After its removal the status is `removed` until retention ends.',
      input: z.strictObject({ id: reference }),
      output: containerView,
      errors: ['not_found', 'ambiguous_name'],
      idempotent: true,
    },
    list: {
      description: 'Containers, newest first.',
      input: z.strictObject({
        status: z.union([status, z.array(status).min(1)]).optional(),
        engine_state: z
          .union([engineState, z.array(engineState).min(1)])
          .describe('Only those that the engine last called so, like `created` or `exited`.')
          .optional(),
        labels: z
          .record(z.string(), z.string())
          .describe('All of them must match; an empty value matches any.')
          .optional(),
        all: z
          .boolean()
          .describe('Show containers of others too, as `managed: false`, after all of ours.')
          .optional(),
        before: reference.describe('Only those asked for before this one.').optional(),
        since: reference.describe('Only those asked for after this one.').optional(),
        exit_code: z
          .union([z.int(), z.array(z.int()).min(1).max(32)])
          .describe('Only those that ended with it.')
          .optional(),
        size: z.boolean().describe('Bytes on disk too: the engine has to count them.').optional(),
        limit: z.int().min(1).max(1000).describe('Default: 100.').optional(),
        cursor: z.string().max(500).describe('`next_cursor` of the page before.').optional(),
      }),
      output: z.object({ containers: z.array(containerView), next_cursor: z.string().optional() }),
      errors: ['engine_unreachable', 'not_found', 'ambiguous_name'],
      idempotent: true,
    },
    ...runningMethods,
    ...lookingMethods,
    ...groupMethods,
    ...fileMethods,
    ...updatingMethods,
    ...sessionMethods,
    logs: {
      description: 'Lines of its log, oldest first, page by page; also after the container is gone.',
      input: z.strictObject({
        id: reference,
        tail: z.int().min(0).max(100_000).describe('Only the last N lines.').optional(),
        since: moment.optional(),
        until: moment.optional(),
        stream: z.enum(['stdout', 'stderr']).optional(),
        source: z
          .enum(['container', 'build'])
          .describe('`build`: what the builds of its image wrote instead, where its entry has a `build`.')
          .optional(),
        cursor: z.string().max(500).describe('`next_cursor` of the page before.').optional(),
        limit: z.int().min(1).max(1000).describe('Default: 100, or `tail`.').optional(),
      }),
      output: z.object({
        lines: z.array(logLine),
        next_cursor: z.string().optional(),
        has_more: z.boolean(),
      }),
      errors: ['not_found', 'ambiguous_name', 'logs_unavailable', 'engine_unreachable'],
      idempotent: true,
    },
    delete: {
      description:
        'Stop and remove it, with its anonymous volumes. Asking again, or for one that is gone, is a success.',
      input: z.strictObject({
        id: reference,
        wait: z.boolean().describe('Answer only when it is gone.').optional(),
        timeout: duration
          .describe('How long it may take to stop before it is killed, instead of `stop_timeout`.')
          .optional(),
        keep_volumes: keepVolumes.optional(),
      }),
      output: z.object({ id: z.string(), status }),
      errors: ['not_found', 'ambiguous_name', 'not_ours', 'wrong_state', 'engine_unreachable'],
      idempotent: true,
    },
    subscribe: {
      description:
        'Send the events of a container to a target: all of them from `from_seq`, then the new ones.',
      input: z.strictObject({
        id: reference,
        stream: streamTarget,
        from_seq: z
          .int()
          .min(1)
          .describe(
            'First event wanted. Left out: what is new, or what follows the last ack of this subscriber.',
          )
          .optional(),
      }),
      output: z.object({ subscription_id: z.string(), container_id: z.string(), next_seq: z.int() }),
      errors: ['not_found', 'ambiguous_name', 'not_ours'],
      events: containerEvent,
      idempotent: true,
    },
    unsubscribe: {
      description: 'End a subscription, by its id or by container and target. Convergent.',
      input: z.union([
        z.strictObject({ subscription_id: z.string().min(1).max(100) }),
        z.strictObject({ id: reference, stream: streamTarget }),
      ]),
      output: z.object({ removed: z.int() }),
      errors: [],
      idempotent: true,
    },
    ack: {
      description:
        'Say that everything up to `seq` is done with: after a reconnect the events that follow it come again.',
      input: z.strictObject({ id: reference, stream: streamTarget, seq: z.int().min(0) }),
      output: z.object({ acked_seq: z.int() }),
      errors: ['not_found', 'ambiguous_name'],
      idempotent: true,
    },
  },
});
