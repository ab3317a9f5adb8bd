import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { images } from '../../../contracts/images.ts';
import { shownImage } from '../../engine/shown-image.ts';
import type { ContainerParts } from '../containers/parts.ts';

/** What looks at images. */
export function imageLooks({
  engine,
}: Pick<ContainerParts, 'engine'>): Pick<Handlers<typeof images>, 'list' | 'inspect' | 'history'> {
  return {
    list: async (filter, { signal }) => ({
      images: (await engine.images.list(filter, signal)).map(shownImage),
    }),
    inspect: async ({ image }, { signal }) => {
      const found = await engine.images.details(image, signal);
      if (found === undefined) throw noSuchImage(image);
      return found;
    },
    history: async ({ image }, { signal }) => ({ history: await engine.images.history(image, signal) }),
  };
}

/** It is not on the engine; a registry may have it. */
export function noSuchImage(image: string): ContractError {
  return new ContractError('image_not_found', `there is no image ${image} on the engine`, {
    next: '`berth image ls` lists what there is; `berth image pull` brings what a registry has.',
  });
}
