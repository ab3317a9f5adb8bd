import type { ImageView } from '../../contracts/image-methods/image-view.ts';
import type { ObservedImage } from '../plan/observed.ts';

/** An image as the contract shows it. */
export function shownImage({ id, tags, digests, size, created_at, labels }: ObservedImage): ImageView {
  return {
    id,
    tags: [...tags],
    digests: [...digests],
    size,
    ...(created_at !== undefined && { created_at }),
    labels: { ...labels },
  };
}
