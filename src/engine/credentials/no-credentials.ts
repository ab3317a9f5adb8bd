import { ContractError } from '../../../contracts/contract-error.ts';
import type { Credentials } from './credentials.ts';

/** Nobody in particular. */
export const NO_CREDENTIALS: Credentials = {
  of: async () => undefined,
  all: async () => ({}),
  save: async () => {
    throw new ContractError('unsupported', 'there is no place here to keep credentials');
  },
};
