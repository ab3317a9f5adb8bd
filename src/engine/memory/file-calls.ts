import { ContractError } from '../../../contracts/contract-error.ts';
import type { FileCalls } from '../port/file-calls.ts';

/** There are no files here. */
export function fileCalls(): FileCalls {
  const none = async (): Promise<never> => {
    throw new ContractError('unsupported', 'the containers of the memory engine have no files');
  };
  return { changes: none, stat: none, read: none, write: none, export: none, commit: none };
}
