import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import { LABEL, ownership } from '../engine/labels.ts';
import type { House } from '../house.ts';
import { systemClock } from '../runtime/clock.ts';
import { runningDaemon } from '../runtime/daemon-lock.ts';
import type { ContainerRow } from '../store/container-row.ts';
import { removalOf } from '../store/removal.ts';
import { startWorker } from '../worker/worker.ts';

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

/** Remove every container of ours with its networks, in this process; named volumes stay. Throws engine_unreachable before anything is changed. */
export async function removeAll(
  { store, journal, engine, identity, hub, log }: House,
  onRemoved: (name: string) => void,
  signal: AbortSignal,
): Promise<DownReport> {
  const rows = store.containers.present();
  const resources = store.resources.all();
  if (rows.length + resources.length === 0) return { removed: [], failed: [] };
  await engine.system.ping(signal);
  for (const row of rows)
    if (row.desired_state !== 'removed' || row.status === 'failed')
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
  try {
    while (left.size > 0 && !signal.aborted) {
      for (const [id, name] of left) {
        const now = store.containers.get(id);
        if (now !== undefined && now.status !== 'removed') continue;
        left.delete(id);
        removed.push(name);
        onRemoved(name);
      }
      if ([...left.keys()].every((id) => resists(store.containers.get(id)))) break;
      await Promise.race([nextStatus(hub), pause(500)]);
    }
  } finally {
    await worker.stop();
  }
  await removeNetworks({ engine, identity }, signal);
  for (const { id } of resources) store.resources.remove(id);
  const failed = [...left].map(([id, name]) => ({
    name,
    message: store.containers.get(id)?.reason?.message ?? 'it was not removed in time',
  }));
  return { removed, failed };
}

/** Those that no container took with it: declared ones, and those that a call made. Their rows come again with their entries. */
async function removeNetworks(
  { engine, identity }: Pick<House, 'engine' | 'identity'>,
  signal: AbortSignal,
): Promise<void> {
  const labels = { [LABEL.instance]: identity.instance };
  for (const { id, name, labels: own } of await engine.networks.list({ labels }, signal))
    if (ownership(identity, 'network', name, own) === 'ours') await engine.networks.remove(id, signal);
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
