import type { ImageSpec } from '../../../contracts/image-spec.ts';
import { isForPlatform } from '../../plan/is-for-platform.ts';
import type { ResourceWork, ResourceWorkParts } from './resource-work.ts';

/** A declared image: pulled where it is missing, and kept when its entry goes, since images are everybody’s. */
export function imageWork({ engine }: ResourceWorkParts): ResourceWork {
  /** When the row was that was pulled last, of those that are pulled always. */
  const pulled = new Map<string, number>();
  return {
    ensure: async ({ id, name, settings, updated_at }, signal) => {
      const { platform, pull_policy = 'missing' } = settings as Omit<ImageSpec, 'name'>;
      const seen = await engine.images.inspect(name, signal);
      const isThere = seen !== undefined && (platform === undefined || isForPlatform(seen, platform));
      const isDue = pull_policy === 'always' && pulled.get(id) !== updated_at;
      if (isThere && !isDue) return;
      await engine.images.pull(name, { platform }, signal);
      pulled.set(id, updated_at);
    },
    release: async ({ id }) => {
      pulled.delete(id);
      return true;
    },
  };
}
