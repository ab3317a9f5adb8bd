import { isContractError } from '../../../contracts/contract-error.ts';
import type { StatusReason } from '../../../contracts/events.ts';
import { failingOutput } from '../../plan/probes/failing-output.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { RowWork } from './row-work.ts';

/** So many of its last lines are told. */
const LINES = 20;
const LONGEST = 500;
/** Who needs whom is followed so far. */
const DEEPEST = 20;

type Culprit = NonNullable<StatusReason['culprit']>;

/** What is known of the one that is to blame: the last of those that failed each for another. Never throws for an engine that does not answer. */
export async function blame(
  id: string,
  work: Pick<RowWork, 'store' | 'journal' | 'engine' | 'signal'>,
): Promise<Culprit | undefined> {
  const row = lastToBlame(id, work);
  if (row === undefined) return undefined;
  const { lines } = await work.journal.lines(row.id, { tail: LINES, limit: LINES });
  const health_output = row.health === 'unhealthy' ? await healthOutput(row, work) : undefined;
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    ...(row.exit_code !== null && { exit_code: row.exit_code }),
    ...(health_output !== undefined && { health_output }),
    lines: lines.map(({ line }) => line.slice(0, LONGEST)),
  };
}

function lastToBlame(id: string, { store }: Pick<RowWork, 'store'>): ContainerRow | undefined {
  let row = store.containers.get(id);
  for (let depth = 0; depth < DEEPEST && row !== undefined; depth++) {
    const next = row.reason?.culprit?.id;
    if (next === undefined) break;
    row = store.containers.get(next) ?? row;
  }
  return row;
}

async function healthOutput(
  { engine_id, spec, probe_state, observed }: ContainerRow,
  { engine, signal }: Pick<RowWork, 'engine' | 'signal'>,
): Promise<string | undefined> {
  if (engine_id === null) return undefined;
  const probe = observed && failingOutput(spec, probe_state, observed);
  if (probe) return probe.slice(0, 4 * LONGEST);
  try {
    const details = await engine.containers.details(engine_id, { size: false }, signal);
    return details?.health?.log
      .at(-1)
      ?.output.trim()
      .slice(0, 4 * LONGEST);
  } catch (error) {
    if (isContractError(error)) return undefined;
    throw error;
  }
}
