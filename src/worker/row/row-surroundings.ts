import { objectOf } from '../../plan/format-plan.ts';
import type { Surroundings } from '../../reconcile/surroundings.ts';
import { timestamp } from '../../runtime/clock.ts';
import type { ClaimedRow } from '../../store/container-row.ts';
import { type BuildLine, buildWanted } from '../builds/build-wanted.ts';
import { builtLine } from '../builds/built-line.ts';
import type { Attempts } from './attempts.ts';
import { drained } from './drained.ts';
import type { RowWork } from './row-work.ts';
import { startInTurn } from './start-in-turn.ts';
import type { StatusReporter } from './status-reporter.ts';
import { type Telling, throttled } from './telling.ts';

/** A pull tells its progress so often. */
const PROGRESS_EVERY_MS = 500;

/** What reconciling one claimed row is given. */
export function surroundingsOf(
  claimed: ClaimedRow,
  work: RowWork,
  {
    told,
    reporter,
    attempts,
  }: { readonly told: Telling; readonly reporter: StatusReporter; readonly attempts: Attempts },
): Surroundings {
  const { row, claim } = claimed;
  const { store, log, clock, signal, slots, turn, pulls } = work;
  const { connections, containers, resources } = store;
  const onLines = async (lines: readonly BuildLine[]): Promise<void> => {
    if (lines.length === 0) return;
    const ts = timestamp(clock.now());
    told.add(lines.map((line) => builtLine(line, { attempt: attempts.count, ts })));
    await told.flushed();
  };
  return {
    engine: startInTurn(work.engine, row, { turn, containers, signal }),
    identity: work.identity,
    signal,
    now: clock.now,
    remember: (found) => containers.write(claim, found, clock.now()),
    holds: () => work.holds(claim),
    entering: (status) => {
      if (!containers.write(claim, { status }, clock.now())) return false;
      reporter.report({ status, health: row.health, attempt: attempts.count });
      return true;
    },
    pull: (wanted, onProgress, ending) => slots.aside(() => pulls.pull(wanted, onProgress, ending)),
    build: (wanted, onProgress, ending) =>
      slots.aside(() => {
        const telling = { onProgress, onLines };
        const begun = work.ahead.join(row.id, wanted, telling, ending);
        return begun ?? buildWanted(wanted, work.engine, telling, ending);
      }),
    onProgress: throttled(PROGRESS_EVERY_MS, ({ image, phase, current, total }) =>
      told.add([
        {
          type: 'progress',
          attempt: attempts.count,
          ts: timestamp(clock.now()),
          image,
          phase,
          current,
          total,
        },
      ]),
    ),
    beforeStart: async ({ id, started_at }, beside) => {
      await work.followers.beside(claimed, beside);
      // The lines of its former run belong to the former attempt.
      await drained(claimed, work, { engine_id: id, started_at });
      attempts.count += 1;
      // Before it starts: who takes over from a worker that dies now must know that it ran, or would run it twice.
      const begun = { generation: row.generation, engine_id: id, started_at: started_at ?? null };
      containers.write(claim, { attempt: attempts.count, begun }, clock.now());
      const follower = await work.followers.follower(claimed, id);
      // What was told so far comes before the first line, however fast the engine is.
      await told.flushed();
      follower?.expectStart(attempts.count);
    },
    beforeRemove: async (engine_id) => {
      const seen = await work.engine.containers.inspect(engine_id, signal);
      await drained(claimed, work, { engine_id, started_at: seen?.started_at });
    },
    isNetworkWanted: (network) =>
      resources.wanted('network', network) !== undefined ||
      connections.wants(network, row.id) ||
      containers.wantsNetwork(network, row.id),
    settingsOf: (kind, name) => resources.settings(kind, name),
    onStep: (action, cause) => {
      log.info({ container: row.id, cause }, `${action.type} ${objectOf(action)} (${cause})`);
      work.atAction?.('before', action.type);
    },
    onDone: (action) => work.atAction?.('after', action.type),
    onWarnings: (action, warnings) => {
      for (const warning of warnings)
        log.warn({ container: row.id }, `${action.type} ${objectOf(action)}: the engine warns: ${warning}`);
    },
  };
}
