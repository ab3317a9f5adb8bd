import { z } from 'zod';
import { byteStream } from '../byte-stream.ts';
import type { Method } from '../contract.ts';
import { imageReference, imageView } from './image-view.ts';

const ENGINE = ['engine_unreachable', 'engine_timeout', 'engine_denied', 'engine_failed'] as const;

/** What stands beside bytes goes in the head of a request, which is bounded. */
const MOST_TEXT = 4000;
const TOO_LONG = `at most ${MOST_TEXT} characters in all`;
const fits = (texts: readonly string[]): boolean => texts.join('').length <= MOST_TEXT;

/** How an image of one layer is called and what it runs. */
const importing = {
  image: imageReference.describe('Its name: `[registry[:port]/]path[:tag]`.'),
  changes: z
    .array(z.string().min(1).max(MOST_TEXT))
    .max(128)
    .refine(fits, TOO_LONG)
    .describe('Lines as in a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME, WORKDIR …')
    .optional(),
  message: z.string().max(1024).describe('For its history.').optional(),
  platform: z
    .string()
    .regex(/^[a-z0-9_]+(\/[a-z0-9_.-]+){0,2}$/, 'like linux/arm64')
    .describe('For which machine it is.')
    .optional(),
} as const;

/** Images as files. Their bytes are handed on as they come, and kept nowhere. */
export const imageMovingMethods = {
  save: {
    description: 'Images with their layers and names as one tar, which `load` takes.',
    input: z.strictObject({ images: z.array(imageReference).min(1).max(100).refine(fits, TOO_LONG) }),
    output: z.object({ images: z.array(z.string()), tar: byteStream.describe('The tar’s bytes.') }),
    errors: ['image_not_found', 'interrupted', ...ENGINE],
    bytes: 'out',
    idempotent: true,
  },
  load: {
    description:
      'Take in the images of a tar that `save` (or docker save) made; gzip, bzip2 and xz are fine.',
    input: z.strictObject({ tar: byteStream.describe('The tar’s bytes.') }),
    output: z.object({ images: z.array(imageView) }),
    errors: ['engine_refused', 'no_space', ...ENGINE],
    bytes: 'in',
    idempotent: true,
  },
  import: {
    description: 'Make an image of one layer from a tar of a root file system.',
    input: z.strictObject({
      ...importing,
      tar: byteStream.describe('The tar’s bytes; gzip, bzip2 and xz are fine.'),
    }),
    output: imageView.extend({ image: z.string().describe('Its full name.') }),
    errors: ['engine_refused', 'no_space', ...ENGINE],
    bytes: 'in',
    idempotent: false,
  },
  import_remote: {
    description: 'The same, of a tar that the engine fetches from an address of http.',
    input: z.strictObject({
      ...importing,
      remote: z
        .string()
        .max(2048)
        .regex(/^https?:\/\/[^\s\0]+$/, 'an address of http or https')
        .describe('Where the engine finds it; gzip, bzip2 and xz are fine.'),
    }),
    output: imageView.extend({ image: z.string().describe('Its full name.') }),
    errors: ['engine_refused', 'no_space', ...ENGINE],
    idempotent: false,
  },
} as const satisfies Record<string, Method>;
