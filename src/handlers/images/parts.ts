import type { PrivateStore } from '../../build/private-inputs.ts';
import type { Registries } from '../../engine/registries.ts';
import type { ContainerParts } from '../containers/parts.ts';

/** What the handlers of images are made of. */
export interface ImageParts extends ContainerParts {
  readonly registries: Registries;
  readonly private_inputs: PrivateStore;
}
