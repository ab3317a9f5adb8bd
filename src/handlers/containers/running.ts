import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Status } from '../../../contracts/events.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import { neededAndStopped } from '../../store/needed-rows.ts';
import type { ChangeOfMind } from '../../store/store.ts';
import type { ContainerParts } from './parts.ts';
import { presentRow } from './present-row.ts';
import { refuseUnattended, settled } from './settled.ts';

type Methods = Pick<Handlers<typeof containers>, 'start' | 'stop' | 'restart'>;

const ON_ITS_WAY: ReadonlySet<Status> = new Set<Status>([
  'pending',
  'waiting',
  'pulling',
  'creating',
  'starting',
  'running',
  'restarting',
]);
const UP: ReadonlySet<Status> = new Set<Status>(['running', 'restarting', 'paused']);

/** Changes of mind: a worker does the rest. What is so already is left alone. */
export function running(parts: ContainerParts): Methods {
  const begin = async (ref: string, wait: boolean, signal: AbortSignal): Promise<ContainerRow> => {
    if (wait) refuseUnattended(parts);
    return await presentRow(ref, parts, signal);
  };
  const answer = async (
    row: ContainerRow,
    wait: boolean,
    signal: AbortSignal,
  ): Promise<{ id: string; status: Status }> => {
    parts.poke();
    const { id, status } = wait ? await settled(row, parts, signal) : row;
    return { id, status };
  };
  return {
    start: async ({ id, wait = false }, { signal }) => {
      const row = await begin(id, wait, signal);
      if (row.status === 'paused')
        throw new ContractError('wrong_state', `${row.name} is paused`, {
          next: 'Let it go on with `unpause`, or begin anew with `restart`.',
        });
      const isSo = row.desired_state === 'running' && ON_ITS_WAY.has(row.status);
      return await answer(
        isSo ? row : changeWithNeeds(row, { desired_state: 'running' }, parts),
        wait,
        signal,
      );
    },
    stop: async ({ id, wait = false, timeout }, { signal }) => {
      const row = await begin(id, wait, signal);
      const wanted = row.desired_state === 'stopped' && (timeout === undefined || row.status === 'stopped');
      const onlyMade = row.desired_state === 'created' && !UP.has(row.status);
      const stop = { desired_state: 'stopped', stop_timeout: timeout ?? null } as const;
      return await answer(wanted || onlyMade ? row : change(row, stop, parts), wait, signal);
    },
    restart: async ({ id, wait = false, timeout }, { signal }) => {
      const row = await begin(id, wait, signal);
      const restart_from = (await lastSeen(row, parts, signal))?.started_at;
      const again = {
        desired_state: 'running',
        stop_timeout: timeout ?? null,
        ...(restart_from !== undefined && { restart_from }),
        ...(row.spec.role === 'job' && { runs_again: true as const }),
      } as const;
      return await answer(changeWithNeeds(row, again, parts), wait, signal);
    },
  };
}

/** What it needs and does not run is started along with it. */
function changeWithNeeds(row: ContainerRow, mind: ChangeOfMind, parts: ContainerParts): ContainerRow {
  const { store, clock } = parts;
  const along = neededAndStopped(row, store).map(({ id }) => ({
    id,
    change: { desired_state: 'running' } as const,
  }));
  const [changed] = store.containers.changeAll([{ id: row.id, change: mind }, ...along], clock.now());
  if (changed === undefined) throw new ContractError('wrong_state', `${row.name} has been removed`);
  return changed;
}

function change(row: ContainerRow, mind: ChangeOfMind, { store, clock }: ContainerParts): ContainerRow {
  const changed = store.containers.change(row.id, mind, clock.now());
  if (changed === undefined) throw new ContractError('wrong_state', `${row.name} has been removed`);
  return changed;
}

/** As the engine shows it now; while it does not answer, as it was seen last. */
async function lastSeen(
  { engine_id, observed }: ContainerRow,
  { engine }: ContainerParts,
  signal: AbortSignal,
): Promise<ObservedContainer | undefined> {
  if (engine_id === null) return undefined;
  try {
    return await engine.containers.inspect(engine_id, signal);
  } catch (error) {
    if (error instanceof ContractError && error.code.startsWith('engine_')) return observed ?? undefined;
    throw error;
  }
}
