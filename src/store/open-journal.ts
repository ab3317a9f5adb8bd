import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ContainerEvent } from '../../contracts/events.ts';
import type { OperationEvent } from '../../contracts/operation-events.ts';
import { placed } from './journal/chunk-codec.ts';
import type { JournalSettings } from './journal/journal-wire.ts';
import { type ThreadCalls, threadCalls } from './journal/thread-calls.ts';
import type { Journal } from './journal.ts';

export interface JournalOptions {
  readonly path: string;
  /** Compressed bytes kept a container; the oldest go first. Default: 64 MiB. */
  readonly max_bytes_per_container?: number;
  /** How long a write waits for another process’s, before it is tried again a few times. Default: 2000 ms. */
  readonly busy_ms?: number;
}

/** Open `logs.db` on a thread of its own. Throws schema_newer, database_failed, database_busy. */
export async function openJournal({
  path,
  max_bytes_per_container = 64 * 1024 * 1024,
  busy_ms = 2000,
}: JournalOptions): Promise<Journal> {
  const workerData: JournalSettings = { path, max_bytes_per_container, busy_ms };
  // The thread’s file is TypeScript in the checkout and JavaScript in the package, as this one is.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const thread = new Worker(new URL(`./journal/journal-thread.${extension}`, import.meta.url), {
    workerData,
    execArgv: [],
  });
  const exited = once(thread, 'exit');
  const { ready, ask } = threadCalls(thread);
  try {
    await ready;
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    ...calls(ask),
    close: () => {
      closing ??= ask({ method: 'close' }).then(() => exited.then(() => undefined));
      return closing;
    },
  };
}

function calls(ask: ThreadCalls['ask']): Omit<Journal, 'close'> {
  return {
    append: async (container_id, token, events, cursor) => {
      const batch = { container_id, token, events, ...(cursor && { cursor }) };
      const first = await ask<number | 'fenced'>({ method: 'append', batch });
      if (first === 'fenced') return first;
      // Only the place comes back from the thread; the caller has the events.
      return events.map((event, index) => placed(event, container_id, first + index) as ContainerEvent);
    },
    appendOperation: async (operation_id, events) => {
      const batch = { container_id: operation_id, token: null, events };
      const first = Number(await ask<number>({ method: 'append', batch }));
      return events.map((event, index) => placed(event, operation_id, first + index) as OperationEvent);
    },
    open: (container_id, token) => ask({ method: 'open', container_id, token }),
    state: (container_id) => ask({ method: 'state', container_id }),
    read: (container_id, from_seq, limit) => ask({ method: 'read', container_id, from_seq, limit }),
    lines: (container_id, query) => ask({ method: 'lines', container_id, query }),
    forget: (container_ids) => ask({ method: 'forget', container_ids }),
  };
}
