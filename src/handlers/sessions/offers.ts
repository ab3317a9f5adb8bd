import { randomBytes } from 'node:crypto';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { JoinedSession } from '../../../contracts/session-wire.ts';

const JOINED_WITHIN_MS = 30_000;

/** Begins a session for who joined it; the signal ends when that one goes. */
export type Begin = (signal: AbortSignal) => JoinedSession;

/** Sessions that wait for somebody to join them, each once and not for ever. */
export interface Offers {
  offer(begin: Begin): { readonly session_id: string };
  /** Throws not_found when there is none of that id, it was joined before, or it waited too long. */
  join(session_id: string, signal: AbortSignal): JoinedSession;
  close(): void;
}

export function createOffers(): Offers {
  const open = new Map<string, { readonly begin: Begin; readonly timer: NodeJS.Timeout }>();
  return {
    offer: (begin) => {
      const session_id = `ses_${randomBytes(16).toString('hex')}`;
      const timer = setTimeout(() => open.delete(session_id), JOINED_WITHIN_MS);
      timer.unref();
      open.set(session_id, { begin, timer });
      return { session_id };
    },
    join: (session_id, signal) => {
      const found = open.get(session_id);
      if (found === undefined)
        throw new ContractError('not_found', `there is no session ${session_id.slice(0, 40)} to join`, {
          next: 'Ask for a new one: each can be joined once, within 30 s.',
        });
      open.delete(session_id);
      clearTimeout(found.timer);
      return found.begin(signal);
    },
    close: () => {
      for (const { timer } of open.values()) clearTimeout(timer);
      open.clear();
    },
  };
}
