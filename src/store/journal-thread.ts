import { parentPort, workerData } from 'node:worker_threads';
import { ContractError } from '../../contracts/contract-error.ts';
import { JOURNAL_MIGRATIONS } from '../../migrations/index.ts';
import { openConnection } from './connection.ts';
import { type Appending, type JournalTables, journalTables } from './journal-tables.ts';
import type { JournalAnswer, JournalRequest, JournalSettings } from './journal-wire.ts';

const port = parentPort;
if (port === null) throw new Error('journal-thread.ts runs as a worker thread');
const { path, max_bytes_per_container, busy_ms } = workerData as JournalSettings;

const answer = (message: JournalAnswer): void => port.postMessage(message);
const failure = (error: unknown): JournalAnswer['outcome'] => ({
  error: (error instanceof ContractError
    ? error
    : new ContractError('internal', error instanceof Error ? error.message : String(error))
  ).toWire(),
});

try {
  const connection = await openConnection(path, JOURNAL_MIGRATIONS, { busy_ms });
  serve(journalTables(connection, max_bytes_per_container), connection.close);
  answer({ id: 0, outcome: { value: null } });
} catch (error) {
  answer({ id: 0, outcome: failure(error) });
}

/** Appends that wait together are written in one transaction; everything keeps its order. */
function serve(tables: JournalTables, close: () => void): void {
  let waiting: { readonly id: number; readonly batch: Appending }[] = [];
  const flush = (): void => {
    const batches = waiting;
    waiting = [];
    if (batches.length === 0) return;
    try {
      const results = tables.appendAll(batches.map(({ batch }) => batch));
      for (const [index, { id }] of batches.entries())
        answer({ id, outcome: { value: firstSeqOf(results[index]) } });
    } catch (error) {
      for (const { id } of batches) answer({ id, outcome: failure(error) });
    }
  };
  port?.on('message', ({ id, call }: JournalRequest) => {
    if (call.method === 'append') {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ id, batch: call.batch });
      return;
    }
    flush();
    try {
      answer({ id, outcome: { value: perform(tables, call) } });
    } catch (error) {
      answer({ id, outcome: failure(error) });
    }
    if (call.method === 'close') {
      close();
      port?.close();
    }
  });
}

/** The caller has the events; only their place goes back. */
function firstSeqOf(result: readonly { readonly seq: number }[] | 'fenced' | undefined): number | 'fenced' {
  return result === undefined || result === 'fenced' ? 'fenced' : (result[0]?.seq ?? 0);
}

function perform(
  tables: JournalTables,
  call: Exclude<JournalRequest['call'], { method: 'append' }>,
): unknown {
  switch (call.method) {
    case 'open':
      return tables.open(call.container_id, call.token);
    case 'state':
      return tables.state(call.container_id);
    case 'read':
      return tables.read(call.container_id, call.from_seq, call.limit);
    case 'lines':
      return tables.lines(call.container_id, call.query);
    case 'forget':
      return tables.forget(call.container_ids);
    case 'close':
      return null;
  }
}
