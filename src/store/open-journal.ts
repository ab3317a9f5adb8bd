import { Worker } from 'node:worker_threads';
import { ContractError } from '../../contracts/contract-error.ts';
import { placed } from './chunk-codec.ts';
import type { Journal } from './journal.ts';
import type { JournalAnswer, JournalRequest, JournalSettings } from './journal-wire.ts';

export interface JournalOptions {
  readonly path: string;
  /** Compressed bytes kept a container; the oldest go first. Default: 64 MiB. */
  readonly max_bytes_per_container?: number;
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Open `logs.db` on a thread of its own. Throws schema_newer, database_failed, database_busy. */
export async function openJournal({
  path,
  max_bytes_per_container = 64 * 1024 * 1024,
}: JournalOptions): Promise<Journal> {
  const settings: JournalSettings = { path, max_bytes_per_container, busy_ms: 5000 };
  const file = new URL(`./journal-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  const thread = new Worker(file, { workerData: settings, execArgv: [] });
  const pending = new Map<number, Pending>();
  let next = 1;
  let ended: ContractError | undefined;

  const endAll = (error: ContractError): void => {
    ended ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  thread.on('message', ({ id, outcome }: JournalAnswer) => {
    const waiting = pending.get(id);
    pending.delete(id);
    if ('error' in outcome) waiting?.reject(ContractError.fromWire(outcome.error));
    else waiting?.resolve(outcome.value as never);
  });
  thread.on('error', (error) =>
    endAll(
      new ContractError('database_failed', `the journal’s thread died: ${error.message}`, { cause: error }),
    ),
  );
  thread.on('exit', () => endAll(new ContractError('database_failed', 'the journal is closed')));

  const wait = <T>(id: number): Promise<T> =>
    new Promise<T>((resolve, reject) => pending.set(id, { resolve, reject }));
  const ask = <T>(call: JournalRequest['call']): Promise<T> => {
    if (ended !== undefined) return Promise.reject(ended);
    const id = next++;
    const answer = wait<T>(id);
    thread.postMessage({ id, call } satisfies JournalRequest);
    return answer;
  };

  try {
    await wait(0);
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  return {
    append: async (container_id, token, events, cursor) => {
      const first = await ask<number | 'fenced'>({
        method: 'append',
        batch: { container_id, token, events, ...(cursor && { cursor }) },
      });
      return first === 'fenced'
        ? first
        : events.map((event, index) => placed(event, container_id, first + index));
    },
    open: (container_id, token) => ask({ method: 'open', container_id, token }),
    state: (container_id) => ask({ method: 'state', container_id }),
    read: (container_id, from_seq, limit) => ask({ method: 'read', container_id, from_seq, limit }),
    lines: (container_id, query) => ask({ method: 'lines', container_id, query }),
    forget: (container_ids) => ask({ method: 'forget', container_ids }),
    close: async () => {
      if (ended !== undefined) return;
      const exited = new Promise((resolve) => thread.once('exit', resolve));
      await ask({ method: 'close' });
      await exited;
    },
  };
}
