import { ContractError } from '../../../contracts/contract-error.ts';
import type { BuildCalls } from '../port/build-calls.ts';
import { reasonOf } from './changes.ts';

/** There is nothing in the memory engine’s images, so there is nothing to build. */
export const noBuilds: BuildCalls = {
  run: async (_options, signal) => {
    if (signal.aborted) throw reasonOf(signal, 'a build was given up before it began');
    throw new ContractError('unsupported', 'the memory engine builds no images');
  },
};
