import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { backoff } from '../plan/backoff.ts';
import type { ResourceKind } from '../plan/resource.ts';
import type { Log } from '../runtime/log.ts';
import type { ResourceRow } from '../store/surrounding-stores.ts';
import { imageWork } from './resources/image-work.ts';
import { networkWork } from './resources/network-work.ts';
import type { ResourceWork, ResourceWorkParts } from './resources/resource-work.ts';
import { volumeWork } from './resources/volume-work.ts';

export interface ResourceParts extends ResourceWorkParts {
  readonly now: () => number;
  readonly log: Log;
  /** Told when what is wrong with one of them has changed. */
  readonly onChange: () => void;
}

/** Keeps what entries declare beside containers as it is declared. The rows are the truth; this brings the engine to them. */
export interface Resources {
  /** Rows may have changed: look now. */
  poke(): void;
  stop(): Promise<void>;
}

/** What is ready is looked at again so often: somebody may have removed it. */
const LOOK_MS = 30_000;
const TICK_MS = 1000;
/** They say nothing about the resource: its row stays as it is. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set([
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_version',
  'aborted',
]);

/** Since when it is as it is, and when it is to be looked at again. */
interface Task {
  readonly updated_at: number;
  failures: number;
  next: number;
  busy: Promise<void> | undefined;
}

/** One work each at a time; a slow or failing one holds up no other. */
export function startResources(parts: ResourceParts): Resources {
  const { store, now, log } = parts;
  const works: { readonly [K in ResourceKind]: ResourceWork } = {
    network: networkWork(parts),
    volume: volumeWork(parts),
    image: imageWork(parts),
  };
  const ending = new AbortController();
  const { signal } = ending;
  const tasks = new Map<string, Task>();
  let wake = (): void => undefined;

  const look = (): void => {
    const rows = store.resources.declared();
    for (const [id, { busy }] of tasks)
      if (busy === undefined && !rows.some((row) => row.id === id)) tasks.delete(id);
    for (const row of rows) {
      const known = tasks.get(row.id);
      if (known?.busy !== undefined) continue;
      const task =
        known?.updated_at === row.updated_at
          ? known
          : { updated_at: row.updated_at, failures: 0, next: 0, busy: undefined };
      tasks.set(row.id, task);
      if (now() < task.next) continue;
      task.busy = attend(row, task).finally(() => {
        task.busy = undefined;
      });
    }
  };

  const attend = async (row: ResourceRow, task: Task): Promise<void> => {
    try {
      await perform(works[row.kind], row, parts, signal);
      task.failures = 0;
      task.next = now() + LOOK_MS;
    } catch (error) {
      task.failures += 1;
      task.next = now() + backoff(task.failures, 0);
      if (!signal.aborted && !(error instanceof ContractError))
        log.error({ id: row.id, error }, `the ${row.kind} ${row.name} could not be looked at`);
    }
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      const poked = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        look();
      } catch (error) {
        log.warn({ error }, 'what is declared could not be read; tried again in a moment');
      }
      await Promise.race([poked, pause(TICK_MS, undefined, { signal }).catch(() => undefined)]);
    }
  };
  const looping = loop();
  return {
    poke: () => wake(),
    stop: async () => {
      ending.abort();
      wake();
      await looping;
      await Promise.all([...tasks.values()].map(({ busy }) => busy));
    },
  };
}

/** One look at one of them; what came of it is in its row. Throws what it failed with. */
async function perform(
  work: ResourceWork,
  row: ResourceRow,
  { store, log, onChange }: ResourceParts,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (row.wanted) {
      await work.ensure(row, signal);
      if (row.status !== 'ready' && store.resources.report(row, { status: 'ready', reason: null })) {
        log.info({ id: row.id }, `the ${row.kind} ${row.name} is as declared`);
        onChange();
      }
    } else if (await work.release(row, signal)) {
      store.resources.remove(row.id);
      onChange();
    }
  } catch (error) {
    if (error instanceof ContractError && !OUTAGES.has(error.code)) {
      const reason = { code: error.code, message: error.message };
      const isNews = row.reason?.message !== reason.message;
      if (store.resources.report(row, { status: 'failed', reason }) && isNews) onChange();
    }
    throw error;
  }
}
