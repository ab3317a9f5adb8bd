import { defineContract } from './contract.ts';
import { imageBuildingMethods } from './image-methods/building.ts';
import { imageChangingMethods } from './image-methods/changing.ts';
import { imageLookingMethods } from './image-methods/looking.ts';
import { imageMovingMethods } from './image-methods/moving.ts';
import { imageTransferMethods } from './image-methods/transferring.ts';

/** `userspace.docker:images` */
export const images = defineContract({
  id: 'userspace.docker:images',
  description: 'Pull, show, name, move and remove images of the engine.',
  methods: {
    ...imageLookingMethods,
    ...imageChangingMethods,
    ...imageTransferMethods,
    ...imageBuildingMethods,
    ...imageMovingMethods,
  },
});
