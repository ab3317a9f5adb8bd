import type { Handlers } from '../../../contracts/contract.ts';
import type { images } from '../../../contracts/images.ts';
import type { Failure } from '../../../contracts/listing.ts';
import { parseImageReference } from '../../engine/image-reference.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { failureOf } from '../failure-of.ts';
import { noSuchImage } from './looking.ts';

type Methods = Handlers<typeof images>;
type Parts = Pick<ContainerParts, 'engine' | 'clock'>;

/** What gives images names and takes them away. */
export function imageChanges(parts: Parts): Pick<Methods, 'tag' | 'delete' | 'prune'> {
  const { engine } = parts;
  return {
    tag: async ({ image, target }, { signal }) => {
      await engine.images.tag(image, target, signal);
      const { text } = parseImageReference(target);
      const found = await engine.images.inspect(text, signal);
      if (found === undefined) throw noSuchImage(text);
      return { id: found.id, target: text };
    },
    delete: async ({ image, force = false, keep_parents = false }, { signal }) => {
      const { removed, untagged, deleted } = await engine.images.remove(
        image,
        { force, keep_parents },
        signal,
      );
      return { image, removed, untagged: [...untagged], deleted: [...deleted] };
    },
    prune: pruneImages(parts),
  };
}

function pruneImages({ engine, clock }: Parts): Methods['prune'] {
  return async ({ all = false, labels, reference, older_than, dry_run = false }, { signal }) => {
    const used = new Set((await engine.containers.list({}, signal)).map(({ image_id }) => image_id));
    const seen = await engine.images.list(
      { ...(!all && { dangling: true }), ...(labels && { labels }), ...(all && reference && { reference }) },
      signal,
    );
    const oldest = older_than === undefined ? Infinity : clock.now() - older_than * 1000;
    const candidates = seen
      .filter(
        ({ id, created_at }) =>
          !used.has(id) && (created_at === undefined || Date.parse(created_at) <= oldest),
      )
      .toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
    const removed: { name: string; id: string; size: number }[] = [];
    const failed: Failure[] = [];
    for (const one of candidates) {
      const { id, tags, size } = one;
      const name = nameOf(one);
      try {
        // By each name, so that nothing is forced: a container may have come since.
        if (dry_run || (await removeAll({ id, tags }, engine, signal))) removed.push({ name, id, size });
      } catch (error) {
        failed.push(failureOf(name, error));
      }
    }
    return { removed, failed, size: removed.reduce((sum, { size }) => sum + size, 0) };
  };
}

function nameOf({ id, tags }: Pick<ObservedImage, 'id' | 'tags'>): string {
  return tags[0] ?? id;
}

async function removeAll(
  { id, tags }: Pick<ObservedImage, 'id' | 'tags'>,
  engine: Parts['engine'],
  signal: AbortSignal,
): Promise<boolean> {
  let removed = false;
  for (const ref of tags.length === 0 ? [id] : tags)
    removed = (await engine.images.remove(ref, { force: false }, signal)).removed || removed;
  return removed;
}
