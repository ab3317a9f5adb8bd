import type { Handlers } from '../../contracts/contract.ts';
import type { images } from '../../contracts/images.ts';
import type { ContainerParts } from './containers/parts.ts';
import { imageChanges } from './images/changing.ts';
import { imageLooks } from './images/looking.ts';

/** `userspace.docker:images` */
export function imageHandlers(parts: ContainerParts): Handlers<typeof images> {
  return {
    ...imageLooks(parts),
    ...imageChanges(parts),
  };
}
