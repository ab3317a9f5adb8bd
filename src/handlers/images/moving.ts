import type { Handlers } from '../../../contracts/contract.ts';
import type { images } from '../../../contracts/images.ts';
import { resolveImage } from '../../engine/registries.ts';
import { shownImage } from '../../engine/shown-image.ts';
import type { ImageParts } from './parts.ts';

/** Images as files. */
export function imageMoves({
  engine,
  registries,
}: ImageParts): Pick<Handlers<typeof images>, 'save' | 'load' | 'import' | 'import_remote'> {
  return {
    save: async ({ images: refs }, { signal }) => ({
      images: refs,
      tar: await engine.images.save(refs, signal),
    }),
    load: async ({ tar }, { signal }) => {
      const names = await engine.images.load(tar, signal);
      // By what they are called in the tar: no prefix is put before that.
      const found = (await engine.images.list({}, signal)).filter(
        ({ id, tags }) => names.includes(id) || tags.some((tag) => names.includes(tag)),
      );
      return { images: found.map(shownImage) };
    },
    import: async ({ image, tar, ...options }, { signal }) => ({
      image: resolveImage(image, registries),
      ...shownImage(await engine.images.import(tar, image, options, signal)),
    }),
    import_remote: async ({ image, remote, ...options }, { signal }) => ({
      image: resolveImage(image, registries),
      ...shownImage(await engine.images.importRemote(remote, image, options, signal)),
    }),
  };
}
