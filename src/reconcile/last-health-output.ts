import { isContractError } from '../../contracts/contract-error.ts';
import type { Desired } from '../plan/desired.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import { failingOutput } from '../plan/probes/failing-output.ts';
import type { Surroundings } from './surroundings.ts';

const MOST = 500;

/** What the probe that fails, or the last health check, of a container that is not well said, on one line. Undefined when it said nothing. */
export async function lastHealthOutput(
  { spec, probe_state }: Pick<Desired, 'spec' | 'probe_state'>,
  seen: ObservedContainer | undefined,
  { engine, signal }: Surroundings,
): Promise<string | undefined> {
  const probe = seen && failingOutput(spec, probe_state ?? null, seen);
  if (probe !== undefined) return probe.replace(/\s+/g, ' ').trim().slice(0, MOST);
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
