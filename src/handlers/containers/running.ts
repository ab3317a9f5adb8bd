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
  const act = async (ref: string, wait: boolean, signal: AbortSignal, mind: MindOf): Promise<Acted> => {
    if (wait) refuseUnattended(parts);
    const row = await presentRow(ref, parts, signal);
    const [acted = { id: row.id, status: row.status }] = await actTogether(
      [row],
      mind,
      { wait, signal },
      parts,
    );
    return acted;
  };
  return {
    start: ({ id, wait = false }, { signal }) => act(id, wait, signal, startOf),
    stop: ({ id, wait = false, timeout }, { signal }) => act(id, wait, signal, (row) => stopOf(row, timeout)),
    restart: ({ id, wait = false, timeout }, { signal }) =>
      act(id, wait, signal, (row) => restartOf(row, timeout, parts, signal)),
  };
}

interface Acted {
  readonly id: string;
  readonly status: Status;
}

interface Acting {
  readonly wait: boolean;
  readonly signal: AbortSignal;
  /** Those that are not to be waited for. */
  readonly leaves?: (row: ContainerRow) => boolean;
}

/** What is to become of a row; undefined when it is so already. */
type MindOf = (row: ContainerRow) => Promise<ChangeOfMind | undefined> | ChangeOfMind | undefined;

/** Throws wrong_state for one that is paused. */
export function startOf(row: ContainerRow): ChangeOfMind | undefined {
  if (row.status === 'paused')
    throw new ContractError('wrong_state', `${row.name} is paused`, {
      next: 'Let it go on with `unpause`, or begin anew with `restart`.',
    });
  const isSo = row.desired_state === 'running' && ON_ITS_WAY.has(row.status);
  return isSo ? undefined : { desired_state: 'running' };
}

export function stopOf(row: ContainerRow, timeout: number | undefined): ChangeOfMind | undefined {
  const wanted = row.desired_state === 'stopped' && (timeout === undefined || row.status === 'stopped');
  const onlyMade = row.desired_state === 'created' && !UP.has(row.status);
  return wanted || onlyMade ? undefined : { desired_state: 'stopped', stop_timeout: timeout ?? null };
}

export async function restartOf(
  row: ContainerRow,
  timeout: number | undefined,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<ChangeOfMind> {
  const restart_from = (await lastSeen(row, parts, signal))?.started_at;
  return {
    desired_state: 'running',
    stop_timeout: timeout ?? null,
    ...(restart_from !== undefined && { restart_from }),
    ...(row.spec.role === 'job' && { runs_again: true }),
  };
}

/**
 * All of them change their mind in one transaction, so that no worker sees one that stops while what needs it still is to run; what they
 * need and does not run is started along with them. Answers in their order. Throws wrong_state for one that was removed meanwhile, and why
 * one could not be brought to it when that is waited for.
 */
export async function actTogether(
  rows: readonly ContainerRow[],
  mindOf: MindOf,
  { wait, signal, leaves = () => false }: Acting,
  parts: ContainerParts,
): Promise<readonly (Acted & { readonly name: string })[]> {
  const { store, clock, poke } = parts;
  const minds = await Promise.all(rows.map(mindOf));
  const changes = rows.flatMap((row, index) => {
    const change = minds[index];
    return change === undefined ? [] : [{ row, change }];
  });
  const own = new Set(changes.map(({ row }) => row.id));
  const along = changes.flatMap(({ row, change }) =>
    change.desired_state === 'running' ? neededAndStopped(row, store).filter(({ id }) => !own.has(id)) : [],
  );
  const changed = store.containers.changeAll(
    [
      ...changes.map(({ row: { id }, change }) => ({ id, change })),
      ...[...new Set(along.map(({ id }) => id))].map((id) => ({
        id,
        change: { desired_state: 'running' } as const,
      })),
    ],
    clock.now(),
  );
  poke();
  const now = new Map(changes.map(({ row }, index) => [row.id, changed[index]]));
  return await Promise.all(
    rows.map(async (row) => {
      const acted = now.has(row.id) ? now.get(row.id) : row;
      if (acted === undefined) throw new ContractError('wrong_state', `${row.name} has been removed`);
      const { id, name, status } = wait && !leaves(row) ? await settled(acted, parts, signal) : acted;
      return { id, name, status };
    }),
  );
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
