import { z } from 'zod';
import type { Method } from '../contract.ts';
import { oneOrMore } from '../listing.ts';
import { wantedLabels } from '../resource-labels.ts';
import { historyEntry, imageDetails, imageReference, imageView } from './image-view.ts';

const ENGINE = ['engine_unreachable', 'engine_timeout', 'engine_denied', 'engine_failed'] as const;

/** What looks at the engine’s images and leaves them as they are. */
export const imageLookingMethods = {
  list: {
    description: 'The images of the engine, newest first.',
    input: z.strictObject({
      all: z.boolean().describe('Also the layers in between that builds left.').optional(),
      reference: oneOrMore(z.string().min(1).max(512))
        .describe('Patterns of names, like `redis`, `redis:7*` or `*/app`; any of them.')
        .optional(),
      labels: wantedLabels.optional(),
      dangling: z.boolean().describe('True: only those without a name; false: only the others.').optional(),
      before: imageReference.describe('Only those made before that one.').optional(),
      since: imageReference.describe('Only those made after that one.').optional(),
    }),
    output: z.object({ images: z.array(imageView) }),
    errors: ['image_not_found', 'engine_refused', ...ENGINE],
    idempotent: true,
  },
  inspect: {
    description: 'All about one image of the engine.',
    input: z.strictObject({ image: imageReference }),
    output: imageDetails,
    errors: ['image_not_found', ...ENGINE],
    idempotent: true,
  },
  history: {
    description: 'How an image was made, the newest layer first.',
    input: z.strictObject({ image: imageReference }),
    output: z.object({ history: z.array(historyEntry) }),
    errors: ['image_not_found', ...ENGINE],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
