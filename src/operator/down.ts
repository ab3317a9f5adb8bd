import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { House } from '../house.ts';
import { mentionedNetworks, mentionedVolumes } from '../plan/mentioned.ts';
import { systemClock } from '../runtime/clock.ts';
import { runningDaemon } from '../runtime/daemon-lock.ts';
import type { ContainerRow } from '../store/container-row.ts';
import { removalOf } from '../store/removal.ts';
import type { ResourceRow } from '../store/surrounding-stores.ts';
import { startWorker } from '../worker/worker.ts';
import { type RemovedImages, removeImages, removeNetworks, removeVolumes } from './remove-surroundings.ts';

/** How long a daemon may take to end. */
const DAEMON_MS = 30_000;
/** A container that resists so often is reported. */
const MOST_FAILURES = 3;

export interface DownReport {
  readonly removed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly message: string }[];
}

/** End the daemon of a state folder, if one runs there. Throws daemon_running when it does not end. */
export async function endDaemon(lock: string): Promise<void> {
  const daemon = runningDaemon(lock);
  if (daemon === undefined) return;
  process.kill(daemon.pid, 'SIGTERM');
  const end = performance.now() + DAEMON_MS;
  while (runningDaemon(lock) !== undefined) {
    if (performance.now() > end)
      throw new ContractError('daemon_running', `berth up (pid ${daemon.pid}) does not end`, {
        next: `Look at what it says, or kill it: \`kill -9 ${daemon.pid}\`.`,
      });
    await pause(50);
  }
}

/** What goes, beside the containers and the networks that they alone were on. */
export interface DownScope {
  /** One group alone. */
  readonly group?: string;
  /** Their named volumes. */
  readonly volumes?: boolean;
  readonly images?: RemovedImages;
}

/** Remove every container of ours, or of one group, with its networks, in this process; named volumes stay unless they are to go. Throws engine_unreachable before anything is changed, and not_found for a group that is not there. */
export async function removeAll(
  house: House,
  { group, ...scope }: DownScope,
  onRemoved: (name: string) => void,
  signal: AbortSignal,
): Promise<DownReport> {
  const { store, journal, engine, identity, hub, log } = house;
  if (group !== undefined && store.groups.get(group) === undefined) throw noGroup(group);
  const rows = store.containers.present().filter((row) => group === undefined || row.group_name === group);
  const resources = store.resources.all().filter((one) => group === undefined || isOf(one, rows));
  if (rows.length + resources.length === 0) return { removed: [], failed: [] };
  await engine.system.ping(signal);
  for (const name of new Set(rows.flatMap(({ group_name }) => group_name ?? [])))
    store.groups.takeDown(name, {}, systemClock.now());
  for (const row of rows)
    if (row.group_name === null && (row.desired_state !== 'removed' || row.status === 'failed'))
      store.containers.change(row.id, removalOf(row, {}), systemClock.now());
  const worker = startWorker({
    name: `${process.pid}.down`,
    store,
    journal,
    engine,
    identity,
    publisher: hub,
    clock: systemClock,
    log,
  });
  const left = new Map(rows.map((row) => [row.id, row.name]));
  const removed: string[] = [];
  const told = (name: string): string => {
    onRemoved(name);
    return name;
  };
  try {
    while (left.size > 0 && !signal.aborted) {
      for (const [id, name] of left) {
        const now = store.containers.get(id);
        if (now !== undefined && now.status !== 'removed') continue;
        left.delete(id);
        removed.push(told(name));
      }
      if ([...left.keys()].every((id) => resists(store.containers.get(id)))) break;
      await Promise.race([nextStatus(hub), pause(500)]);
    }
  } finally {
    await worker.stop();
  }
  await removeNetworks(house, group === undefined ? undefined : rows, signal);
  const gone = rows.filter(({ id }) => !left.has(id));
  for (const name of await removeWith(gone, scope, house, signal)) removed.push(told(name));
  for (const { id } of resources) store.resources.remove(id);
  const failed = [...left].map(([id, name]) => ({
    name,
    message: store.containers.get(id)?.reason?.message ?? 'it was not removed in time',
  }));
  return { removed, failed };
}

/** What goes with containers that are gone; answers its names. */
async function removeWith(
  rows: readonly ContainerRow[],
  { volumes = false, images }: Pick<DownScope, 'volumes' | 'images'>,
  house: House,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return [
    ...(volumes ? await removeVolumes(house, rows, signal) : []),
    ...(images === undefined ? [] : await removeImages(house, rows, images, signal)),
  ];
}

/** One group, while the daemon that has it goes on: `teardown` asks that. Throws not_found when there is no such group. */
export async function removeGroup(
  house: House,
  { group, ...scope }: DownScope & { readonly group: string },
  teardown: () => Promise<DownReport>,
  onRemoved: (name: string) => void,
  signal: AbortSignal,
): Promise<DownReport> {
  if (house.store.groups.get(group) === undefined) throw noGroup(group);
  const rows = house.store.containers.present().filter(({ group_name }) => group_name === group);
  const { removed, failed } = await teardown();
  await removeNetworks(house, rows, signal);
  const gone = rows.filter(({ id }) => house.store.containers.get(id)?.status === 'removed');
  const all = [...removed, ...(await removeWith(gone, scope, house, signal))];
  for (const name of all) onRemoved(name);
  return { removed: all, failed };
}

function noGroup(group: string): ContractError {
  return new ContractError('not_found', `there is no group ${group}`, {
    next: '`berth status` lists the groups.',
  });
}

/** Networks and volumes that are of these rows alone: they come again with their entries. */
function isOf({ kind, name }: ResourceRow, rows: readonly ContainerRow[]): boolean {
  return rows.some(({ spec }) =>
    (kind === 'network' ? mentionedNetworks(spec) : kind === 'volume' ? mentionedVolumes(spec) : []).includes(
      name,
    ),
  );
}

function resists(row: ContainerRow | undefined): boolean {
  return row !== undefined && row.failures >= MOST_FAILURES;
}

function nextStatus(hub: House['hub']): Promise<void> {
  return new Promise((resolve) => {
    const stop = hub.observe((event) => {
      if (event.type === 'log') return;
      stop();
      resolve();
    });
    setTimeout(() => {
      stop();
      resolve();
    }, 1000).unref();
  });
}
