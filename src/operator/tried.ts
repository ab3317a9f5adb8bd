import { isContractError } from '../../contracts/contract-error.ts';
import type { Leave } from './adopting.ts';

/** False, and told, when its name or id is taken by now. */
export function tried(name: string, leave: Leave, write: () => unknown): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (!isContractError(error, 'name_conflict')) throw error;
    leave(name, error.message);
    return false;
  }
}
