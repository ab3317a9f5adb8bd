import { ContractError } from '../../contracts/contract-error.ts';
import type { Failure } from '../../contracts/listing.ts';

/** One failure of a call that goes on past it. Throws what is no failure of that one thing: an abort, a defect. */
export function failureOf(name: string, error: unknown): Failure {
  if (!(error instanceof ContractError) || error.code === 'aborted') throw error;
  return { name, code: error.code, message: error.message };
}
