import { ContractError } from '../../../contracts/contract-error.ts';
import type { BuildCalls } from '../port/build-calls.ts';

/** There is nothing in the memory engine’s images, so there is nothing to build. */
export const noBuilds: BuildCalls = {
  run: async () => {
    throw new ContractError('unsupported', 'the memory engine builds no images');
  },
};
