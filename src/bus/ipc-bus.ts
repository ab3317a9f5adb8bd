import type { ChildProcess } from 'node:child_process';
import type { Notice, Publisher } from './bus.ts';

/** Bytes of notices that may be under way to the parent; more are dropped, since they are hints and the journal has what they tell. */
const MOST_UNSENT = 8 * 1024 * 1024;
const NOTICE_BYTES = 200;

/** A worker’s end: notices go to the parent process. A poke is never dropped. */
export function ipcPublisher(send: (notice: Notice, done: () => void) => void): Publisher {
  let unsent = 0;
  return {
    publish: (notice) => {
      if (unsent >= MOST_UNSENT && notice.kind === 'events') return;
      const weight = weightOf(notice);
      unsent += weight;
      send(notice, () => {
        unsent -= weight;
      });
    },
  };
}

/** The parent’s end: what the child tells goes to the hub. */
export function receiveNotices(child: ChildProcess, hub: Publisher): void {
  child.on('message', (message: unknown) => {
    if (isNotice(message)) hub.publish(message);
  });
}

function weightOf(notice: Notice): number {
  if (notice.kind === 'poke') return NOTICE_BYTES;
  return notice.events.reduce(
    (sum, event) =>
      sum + NOTICE_BYTES + (event.type === 'log' ? event.line.length + (event.bytes?.length ?? 0) : 0),
    NOTICE_BYTES,
  );
}

function isNotice(message: unknown): message is Notice {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    (message.kind === 'events' || message.kind === 'poke')
  );
}
