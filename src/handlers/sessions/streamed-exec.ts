import { ContractError } from '../../../contracts/contract-error.ts';
import type { Session } from '../../engine/port/session-calls.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { type Execution, execute } from './execute.ts';
import { lineSplitter, type SplitLine } from './line-splitter.ts';

type Stream = 'stdout' | 'stderr';

/** Run it for a target that gets its lines and its end. Resolves once it runs; throws why it does not. */
export async function streamedExec(
  parts: ContainerParts,
  execution: Execution,
  target: { readonly reply_to: string; readonly topic: string },
  feed: (session: Session) => Promise<void>,
): Promise<{ readonly operation_id: string; readonly exec_id: string }> {
  const { operations, sessions } = parts;
  const operation = operations.begin({ kind: 'exec', target });
  const begun = Promise.withResolvers<{ operation_id: string; exec_id: string }>();
  const splitters = { stdout: lineSplitter(), stderr: lineSplitter() };
  const tell = (stream: Stream, lines: readonly SplitLine[]): Promise<void> =>
    lines.length === 0
      ? Promise.resolve()
      : operation.tell(
          lines.map((line) => ({ type: 'log', attempt: 1, ts: operations.now(), stream, ...line })),
        );
  const rest = async (): Promise<void> => {
    for (const stream of ['stdout', 'stderr'] as const) await tell(stream, splitters[stream].rest());
  };
  const work = async (): Promise<void> => {
    try {
      const { exit_code } = await execute(
        parts,
        execution,
        {
          began: (exec_id, session) => {
            begun.resolve({ operation_id: operation.id, exec_id });
            void feed(session);
          },
          hear: async (pieces) => {
            for (const { stream, data } of pieces) await tell(stream, splitters[stream].push(data));
          },
        },
        operation.signal,
      );
      await rest();
      await operation.end({ outcome: exit_code === 0 ? 'succeeded' : 'failed', exit_code });
    } catch (error) {
      begun.reject(error);
      const known =
        error instanceof ContractError
          ? error
          : new ContractError('internal', error instanceof Error ? error.message : String(error), {
              cause: error,
            });
      await rest();
      await operation.end(
        operation.signal.aborted ? { outcome: 'ended' } : { outcome: 'failed', error: known.toWire() },
      );
    }
  };
  sessions.underway.track(work());
  return await begun.promise;
}
