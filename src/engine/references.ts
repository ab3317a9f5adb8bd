import { ContractError } from '../../contracts/contract-error.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

/** A name or id as a piece of a path. Throws invalid_input before anything odd reaches the engine. */
export function pathSegment(ref: string): string {
  if (!NAME.test(ref))
    throw new ContractError('invalid_input', `\`${ref.slice(0, 80)}\` is no name or id of the engine`);
  return ref;
}
