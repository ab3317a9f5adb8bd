import { z } from 'zod';
import type { Method } from '../contract.ts';
import { streamTarget } from '../events.ts';
import { operationDoneEvent, operationProgressEvent } from '../operation-events.ts';
import { duration } from '../units.ts';
import { imageReference, imageView } from './image-view.ts';
import { registryAuth } from './registry-auth.ts';

const ENGINE = [
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_failed',
  'no_space',
] as const;
const REGISTRY = [
  'image_not_found',
  'image_denied',
  'image_rate_limited',
  'image_registry_unreachable',
  'image_stalled',
  'credentials_failed',
  'invalid_config',
] as const;

const tag = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'a tag has letters, digits, _ . and -')
  .describe('Its tag, when it is not in `image`. Default: latest.')
  .optional();
const stream = streamTarget
  .describe('Where the progress goes: an event a layer and one for all of them, and `done` at the end.')
  .optional();
const operation_id = z.string().describe('What its events are named by, with `stream`.').optional();
const stall_timeout = duration
  .describe('Fail with image_stalled when nothing moves for so long. Default: 60 s.')
  .optional();
const events = z.discriminatedUnion('type', [operationProgressEvent, operationDoneEvent]);

export const pullPolicy = z
  .enum(['always', 'missing', 'never'])
  .describe('`missing`: only what the engine lacks. `never`: it must be there. Default: always.');

/** What goes over the net: to and from registries. */
export const imageTransferMethods = {
  pull: {
    description:
      'Bring an image from its registry, and answer once it is there. Aborting the call ends the pull.',
    input: z.strictObject({
      image: imageReference,
      tag,
      platform: z
        .string()
        .regex(/^[a-z0-9_]+(\/[a-z0-9_.-]+){0,2}$/, 'like linux/arm64')
        .describe('For which machine: `linux/arm64`. Default: the engine’s own.')
        .optional(),
      auth: registryAuth.optional(),
      policy: pullPolicy.optional(),
      stall_timeout,
      stream,
    }),
    output: imageView.extend({
      image: z.string().describe('Its full name: what was pulled.'),
      pulled: z.boolean().describe('False: it was there, and the registry was not asked.'),
      changed: z.boolean().describe('The name meant another image before, or none.'),
      operation_id,
    }),
    errors: [...REGISTRY, 'image_pull_failed', ...ENGINE],
    events,
    idempotent: true,
  },
  push: {
    description: 'Send an image to the registry of its name, and answer once it is there.',
    input: z.strictObject({
      image: imageReference,
      tag,
      auth: registryAuth.optional(),
      stall_timeout,
      stream,
    }),
    output: z.object({
      image: z.string(),
      digest: z.string().describe('Its name there for good: `sha256:…`.'),
      size: z.int().min(0).describe('Bytes of its manifest.'),
      operation_id,
    }),
    errors: [...REGISTRY, 'image_push_failed', ...ENGINE],
    events,
    idempotent: true,
  },
  search: {
    description:
      'Search a registry by words. Docker Hub answers that; most others do not, and are searched by `registry/word` if they do.',
    input: z.strictObject({
      term: z.string().min(1).max(256).describe('`redis`, or `registry.test/redis`.'),
      limit: z.int().min(1).max(100).describe('At most so many. Default: 25.').optional(),
      stars: z.int().min(0).describe('Only with so many stars.').optional(),
      official: z.boolean().describe('True: only official ones; false: only others.').optional(),
      auth: registryAuth.optional(),
    }),
    output: z.object({
      results: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          stars: z.int().min(0),
          official: z.boolean(),
        }),
      ),
    }),
    errors: [
      'image_denied',
      'image_rate_limited',
      'image_registry_unreachable',
      'credentials_failed',
      'invalid_config',
      'engine_refused',
      ...ENGINE,
    ],
    idempotent: true,
  },
  login: {
    description:
      'See that a registry takes these credentials, and keep them where Docker keeps them: with its credential helper, else in its config.json. Everything that pulls uses them from then on.',
    input: z.strictObject({
      registry: z
        .string()
        .min(1)
        .max(255)
        .regex(/^[A-Za-z0-9.:/[\]_-]+$/, 'a registry’s name: registry.test:5000')
        .describe('`registry.test:5000`. Default: Docker Hub.')
        .optional(),
      username: z.string().min(1).max(1024),
      password: z.string().min(1).max(65_536).describe('Or an access token.'),
      save: z.boolean().describe('False: only see whether it takes them. Default: true.').optional(),
    }),
    output: z.object({
      registry: z.string(),
      username: z.string(),
      saved: z.enum(['helper', 'file', 'no']).describe('Where they are kept.'),
    }),
    errors: ['image_denied', 'image_registry_unreachable', 'credentials_failed', 'invalid_config', ...ENGINE],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
