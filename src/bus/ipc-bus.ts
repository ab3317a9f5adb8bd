import type { ChildProcess } from 'node:child_process';
import type { Notice, Publisher } from './bus.ts';

/** Notices that may be under way to the parent; more are dropped, since they are hints and the journal has what they tell. */
const MOST_UNSENT = 200;

/** A worker’s end: notices go to the parent process. */
export function ipcPublisher(send: (notice: Notice, done: () => void) => void): Publisher {
  let unsent = 0;
  return {
    publish: (notice) => {
      if (unsent >= MOST_UNSENT && notice.kind === 'events') return;
      unsent += 1;
      send(notice, () => {
        unsent -= 1;
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

function isNotice(message: unknown): message is Notice {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    (message.kind === 'events' || message.kind === 'poke')
  );
}
