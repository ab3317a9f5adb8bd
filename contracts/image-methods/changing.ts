import { z } from 'zod';
import type { Method } from '../contract.ts';
import { failure } from '../listing.ts';
import { wantedLabels } from '../resource-labels.ts';
import { duration } from '../units.ts';
import { imageReference } from './image-view.ts';

const ENGINE = ['engine_unreachable', 'engine_timeout', 'engine_denied', 'engine_failed'] as const;

/** Gives images names and takes them away. */
export const imageChangingMethods = {
  tag: {
    description: 'Give an image a further name. One that has the name loses it, as with every engine.',
    input: z.strictObject({
      image: imageReference,
      target: z.string().min(1).max(512).describe('The new name: `[registry[:port]/]path[:tag]`.'),
    }),
    output: z.object({ id: z.string(), target: z.string().describe('With its tag.') }),
    errors: ['image_not_found', ...ENGINE],
    idempotent: true,
  },
  delete: {
    description:
      'Take a name from an image; with its last name, or by its id, the image goes. One that is not there is a success.',
    input: z.strictObject({
      image: imageReference,
      force: z
        .boolean()
        .describe('Also when a stopped container uses it, or, by its id, when it has several names.')
        .optional(),
      keep_parents: z.boolean().describe('Keep layers in between that only it used.').optional(),
    }),
    output: z.object({
      image: z.string(),
      removed: z.boolean().describe('False: it was not there.'),
      untagged: z.array(z.string()).describe('Names that went.'),
      deleted: z.array(z.string()).describe('Ids of images and layers that went.'),
    }),
    errors: ['wrong_state', ...ENGINE],
    idempotent: true,
  },
  prune: {
    description:
      'Remove images that no container uses. Images are the engine’s, so it is everybody’s: without `all` only those without a name go. Goes on past single failures.',
    input: z.strictObject({
      all: z.boolean().describe('Also those with a name.').optional(),
      labels: wantedLabels.optional(),
      reference: z
        .array(z.string().min(1).max(512))
        .describe('With `all`: only names like these.')
        .optional(),
      older_than: duration.describe('Only those made so long ago.').optional(),
      dry_run: z.boolean().describe('Only say what would go.').optional(),
    }),
    output: z.object({
      removed: z.array(z.object({ name: z.string(), id: z.string(), size: z.int().min(0) })),
      failed: z.array(failure),
      size: z.int().min(0).describe('Bytes of all that, at most: what they share with others stays.'),
    }),
    errors: ['engine_unreachable'],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
