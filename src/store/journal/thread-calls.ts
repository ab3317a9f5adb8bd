import type { Worker } from 'node:worker_threads';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { JournalAnswer, JournalRequest } from './journal-wire.ts';

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Calls to the journal’s thread and its answers. Everything still open fails with database_failed when the thread ends. */
export interface ThreadCalls {
  /** Resolves once the thread has opened the database; rejects with why it could not. */
  readonly ready: Promise<void>;
  ask<T>(call: JournalRequest['call']): Promise<T>;
}

export function threadCalls(thread: Worker): ThreadCalls {
  const pending = new Map<number, Pending>();
  let next = 1;
  let ended: ContractError | undefined;

  const end = (error: ContractError): void => {
    ended ??= error;
    for (const { reject } of pending.values()) reject(ended);
    pending.clear();
  };
  thread.on('message', ({ id, outcome }: JournalAnswer) => {
    const waiting = pending.get(id);
    pending.delete(id);
    if ('error' in outcome) waiting?.reject(ContractError.fromWire(outcome.error));
    else waiting?.resolve(outcome.value as never);
  });
  thread.on('error', (cause) =>
    end(new ContractError('database_failed', `the journal’s thread died: ${cause.message}`, { cause })),
  );
  thread.on('exit', () => end(new ContractError('database_failed', 'the journal is closed')));

  const answerTo = <T>(id: number): Promise<T> =>
    new Promise<T>((resolve, reject) => pending.set(id, { resolve, reject }));
  return {
    ready: answerTo(0),
    ask: (call) => {
      if (ended !== undefined) return Promise.reject(ended);
      const id = next++;
      thread.postMessage({ id, call } satisfies JournalRequest);
      return answerTo(id);
    },
  };
}
