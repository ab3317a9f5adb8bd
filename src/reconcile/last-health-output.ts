import { isContractError } from '../../contracts/contract-error.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import type { Surroundings } from './surroundings.ts';

const MOST = 500;

/** What the last health check of an unhealthy container said, on one line. Undefined when it said nothing. */
export async function lastHealthOutput(
  seen: ObservedContainer | undefined,
  { engine, signal }: Surroundings,
): Promise<string | undefined> {
  if (seen === undefined || seen.health === 'none' || seen.health === 'healthy') return undefined;
  try {
    const details = await engine.containers.details(seen.id, { size: false }, signal);
    const said = details?.health?.log.at(-1)?.output.replace(/\s+/g, ' ').trim();
    return said === undefined || said === '' ? undefined : said.slice(0, MOST);
  } catch (error) {
    if (isContractError(error, 'unsupported')) return undefined;
    throw error;
  }
}
