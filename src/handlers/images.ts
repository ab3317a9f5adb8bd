import type { Handlers } from '../../contracts/contract.ts';
import type { images } from '../../contracts/images.ts';
import { imageBuilds } from './images/building.ts';
import { imageChanges } from './images/changing.ts';
import { imageLooks } from './images/looking.ts';
import { imageMoves } from './images/moving.ts';
import type { ImageParts } from './images/parts.ts';
import { imageTransfers } from './images/transferring.ts';

/** `userspace.docker:images` */
export function imageHandlers(parts: ImageParts): Handlers<typeof images> {
  return {
    ...imageLooks(parts),
    ...imageChanges(parts),
    ...imageTransfers(parts),
    ...imageBuilds(parts),
    ...imageMoves(parts),
  };
}
