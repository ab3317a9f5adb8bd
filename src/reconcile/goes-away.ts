import { ContractError } from '../../contracts/contract-error.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Whether a name is taken by a container that is on its way out: an engine that removes one shows it to nobody any more, a
 * moment before its name is free. One that is only being made cannot be seen either, and is when it is looked for again.
 */
export async function goesAway(
  error: ContractError,
  { engine, signal }: Pick<Surroundings, 'engine' | 'signal'>,
): Promise<boolean> {
  if (error.code !== 'name_conflict') return false;
  const holder = error.details?.['holder'];
  if (typeof holder !== 'string') return true;
  try {
    const seen = await engine.containers.inspect(holder, signal);
    return seen === undefined || seen.state === 'removing';
  } catch (later) {
    // An engine that does not answer says so again at the next look.
    if (later instanceof ContractError) return false;
    throw later;
  }
}
