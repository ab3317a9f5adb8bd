import { parentPort, workerData } from 'node:worker_threads';
import { ContractError } from '../../../contracts/contract-error.ts';
import { JOURNAL_MIGRATIONS } from '../../../migrations/index.ts';
import { openConnection } from '../connection.ts';
import { type Appending, chunkWriter } from './append-chunks.ts';
import type { JournalAnswer, JournalRequest, JournalSettings } from './journal-wire.ts';
import { chunkReader } from './read-chunks.ts';

/** As many events as one transaction may write: other processes wait for it. */
const MAX_EVENTS = 20_000;

type Call = JournalRequest['call'];
type Perform = (call: Exclude<Call, { method: 'append' | 'close' }>) => unknown;

const port = parentPort;
if (port === null) throw new Error('journal-thread.ts runs as a worker thread');
const { path, max_bytes_per_container, busy_ms } = workerData as JournalSettings;

const answer = (message: JournalAnswer): void => port.postMessage(message);
const answerWith = (id: number, work: () => unknown): void => {
  try {
    answer({ id, outcome: { value: work() } });
  } catch (error) {
    answer({ id, outcome: failure(error) });
  }
};

try {
  const connection = await openConnection(path, JOURNAL_MIGRATIONS, { busy_ms, now: Date.now });
  const writer = chunkWriter(connection, max_bytes_per_container);
  const reader = chunkReader(connection, Date.now);
  const appends = groupedAppends(writer.appendAll);
  const perform: Perform = (call) => {
    switch (call.method) {
      case 'open':
        return writer.open(call.container_id, call.token);
      case 'state':
        return writer.state(call.container_id);
      case 'read':
        return reader.read(call.container_id, call.from_seq, call.limit);
      case 'lines':
        return reader.lines(call.container_id, call.query);
      case 'forget':
        return writer.forget(call.container_ids);
    }
  };
  port.on('message', ({ id, call }: JournalRequest) => {
    if (call.method === 'append') return appends.add(id, call.batch);
    // Everything keeps its order.
    appends.flush();
    if (call.method !== 'close') return answerWith(id, () => perform(call));
    answerWith(id, () => connection.close());
    port.close();
  });
  answer({ id: 0, outcome: { value: null } });
} catch (error) {
  answer({ id: 0, outcome: failure(error) });
}

/** Appends that wait together are written in one transaction. */
function groupedAppends(appendAll: (batches: readonly Appending[]) => readonly unknown[]): {
  add(id: number, batch: Appending): void;
  flush(): void;
} {
  let waiting: { readonly id: number; readonly batch: Appending }[] = [];
  let events = 0;
  const flush = (): void => {
    const group = waiting;
    waiting = [];
    events = 0;
    if (group.length === 0) return;
    try {
      const results = appendAll(group.map(({ batch }) => batch));
      for (const [index, { id }] of group.entries()) answer({ id, outcome: { value: results[index] } });
    } catch (error) {
      for (const { id } of group) answer({ id, outcome: failure(error) });
    }
  };
  return {
    add: (id, batch) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ id, batch });
      events += batch.events.length;
      if (events >= MAX_EVENTS) flush();
    },
    flush,
  };
}

function failure(error: unknown): JournalAnswer['outcome'] {
  const known =
    error instanceof ContractError
      ? error
      : new ContractError('internal', error instanceof Error ? error.message : String(error));
  return { error: known.toWire() };
}
