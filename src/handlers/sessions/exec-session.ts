import { ContractError } from '../../../contracts/contract-error.ts';
import type { JoinedSession, SessionEvent } from '../../../contracts/session-wire.ts';
import type { Session } from '../../engine/port/session-calls.ts';
import type { ContainerParts } from '../containers/parts.ts';
import type { DetachKeys } from './detach-keys.ts';
import { type Execution, execute } from './execute.ts';
import { handOver } from './hand-over.ts';

const END_OF_TRANSMISSION = Buffer.from([4]);

/** A command for who joined it: it goes no faster than its output is read, and ends in its container when that one goes without leaving it. */
export function execSession(
  parts: ContainerParts,
  execution: Execution,
  keys: DetachKeys,
  signal: AbortSignal,
): JoinedSession {
  const closing = new AbortController();
  const leaving = new AbortController();
  const begun = Promise.withResolvers<{ readonly exec_id: string; readonly session: Session }>();
  begun.promise.catch(() => undefined);
  const over = (): void => closing.abort(new ContractError('aborted', 'nobody reads the session any more'));
  const { give, end, items } = handOver<SessionEvent>(over);

  const work = async (): Promise<void> => {
    try {
      const { exit_code } = await execute(
        parts,
        execution,
        {
          began: (exec_id, session) => {
            begun.resolve({ exec_id, session });
            void give({ type: 'ready', exec_id });
          },
          hear: async (pieces) => {
            for (const { stream, data } of pieces) await give({ type: 'output', stream, data });
          },
          leave: leaving.signal,
        },
        AbortSignal.any([signal, closing.signal]),
      );
      void give({ type: 'exit', exit_code });
      end();
    } catch (error) {
      begun.reject(error);
      if (leaving.signal.aborted) {
        void give({ type: 'detached' });
        end();
      } else end(error);
    }
  };
  parts.sessions.underway.track(work());

  const detach = async (): Promise<void> =>
    leaving.abort(new ContractError('aborted', 'the session was left, and its command goes on'));
  return {
    events: items,
    write: async (given) => {
      const { data, detached } = keys.sift(Buffer.from(given));
      const { session } = await begun.promise;
      if (data.length > 0) await session.write(data);
      if (detached) await detach();
    },
    end: async () => {
      const { session } = await begun.promise;
      await (execution.request.tty ? session.write(END_OF_TRANSMISSION) : session.end());
    },
    resize: async (size) => {
      const { exec_id } = await begun.promise;
      await parts.engine.sessions.resizeExec(exec_id, size);
    },
    detach,
    close: over,
  };
}
