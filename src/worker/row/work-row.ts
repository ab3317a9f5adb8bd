import { ERRORS } from '../../../contracts/errors.ts';
import type { Desired } from '../../plan/desired.ts';
import type { Dependencies } from '../../plan/needed.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import { heldUntil } from '../../plan/repair.ts';
import { isUp } from '../../plan/steps.ts';
import { reconcile } from '../../reconcile/reconcile.ts';
import type { Outcome } from '../../reconcile/surroundings.ts';
import { timestamp } from '../../runtime/clock.ts';
import type { ClaimedRow, ContainerRow, ProgressPatch } from '../../store/container-row.ts';
import { dependentsToRestart } from '../../store/needed-rows.ts';
import { builtLine } from '../builds/built-line.ts';
import { desiredOf } from '../desired-of.ts';
import { endsWithDone } from '../last-told.ts';
import type { Attempts } from './attempts.ts';
import { blame } from './blame.ts';
import { dependenciesOf, isStill } from './dependencies-of.ts';
import { drained } from './drained.ts';
import { surroundingsOf } from './row-surroundings.ts';
import type { RowWork } from './row-work.ts';
import { type StatusReporter, statusReporter } from './status-reporter.ts';
import { type Telling, tellingInOrder } from './telling.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** Bring one claimed row to what it wants, tell how it goes, and let it go. Throws what the databases throw. */
export async function workRow(claimed: ClaimedRow, work: RowWork): Promise<void> {
  const { row, claim } = claimed;
  const { store, clock } = work;
  const teller = await work.followers.teller(claimed);
  if (teller === undefined) {
    store.containers.release(claim, {}, clock.now() + 1000, clock.now());
    return;
  }
  const told = tellingInOrder(teller.tell);
  const reporter = statusReporter(row, teller.told_last, told.add, () => timestamp(clock.now()));
  const attempts = { count: row.attempt };
  const completed = row.completed && !beginsChapter(row);
  if (completed !== row.completed) store.containers.write(claim, { completed }, clock.now());
  tellBuilt(row, told, work);
  if (row.status === 'pending')
    reporter.report({ status: 'pending', health: row.health, attempt: row.attempt });
  const dependencies = dependenciesOf(row, store, clock.now());
  const until = heldUntil(row.repairs, clock.now());
  const desired = {
    ...desiredOf(row),
    ...memberOf(row, store),
    connections: store.connections.of(row.id),
    dependencies,
    ...(until !== undefined && { held_until: timestamp(until) }),
  };
  const surroundings = surroundingsOf(claimed, work, { told, reporter, attempts });
  const outcome = await reconcile(desired, { engine_id: row.engine_id }, surroundings);
  if (outcome.kind === 'lost') {
    // Ending, not fenced: somebody else may have it at once. A fenced release writes nothing.
    store.containers.release(claim, {}, clock.now(), clock.now());
    return;
  }
  if (outcome.kind === 'waiting' && outcome.ahead !== undefined) work.ahead.bring(row, outcome.ahead);
  else if (desired.state === 'running' || desired.state === 'created') work.ahead.settle(row.id);
  else work.ahead.leave(row.id);
  tellRepair(row, outcome, work);
  const verdict = await withBlame(
    verdictOf(row, desired, outcome, clock.now(), Math.random()),
    outcome,
    work,
  );
  const started = hasStarted(row, outcome);
  const container = outcome.kind === 'waiting' ? undefined : outcome.container;
  const beside = outcome.kind === 'settled' ? outcome.replacing?.beside : undefined;
  if (outcome.kind === 'settled') await work.followers.beside(claimed, beside);
  await finish(
    claimed,
    { verdict, container, completed, attempts, reporter, told, dependencies, started },
    work,
  );
}

/** What the build of its image has written while it waited. */
function tellBuilt({ id, attempt }: ContainerRow, told: Telling, { ahead, clock }: RowWork): void {
  const lines = ahead.takeLines(id);
  const ts = timestamp(clock.now());
  if (lines.length > 0) told.add(lines.map((line) => builtLine(line, { attempt, ts })));
}

/** With how its service is updated, which its labels keep for the day when the database is lost. */
function memberOf(
  { group_name, service, replica, release }: ContainerRow,
  { groups }: RowWork['store'],
): Pick<Desired, 'member'> {
  if (group_name === null || service === null) return {};
  const update_config = groups.release(group_name, release ?? 0)?.services[service]?.update_config;
  return { member: { group: group_name, service, replica, ...(update_config && { update_config }) } };
}

/** What somebody else did, and what was done about it: for whoever reads the log. */
function tellRepair({ id, name }: ContainerRow, outcome: Outcome, { log }: RowWork): void {
  if (outcome.kind === 'settled' && outcome.repaired !== undefined)
    log.warn({ container: id }, `${name}: ${outcome.repaired.found}; ${outcome.repaired.done}`);
  if (outcome.kind === 'held')
    log.warn({ container: id }, `${name}: ${outcome.repair.found}; left so for a while, since it goes on`);
}

/** A change of mind that wants it to be there again: its end will be told again, even if it never starts. */
function beginsChapter({ status, desired_state }: ContainerRow): boolean {
  return status === 'pending' && (desired_state === 'running' || desired_state === 'created');
}

interface Finish {
  readonly verdict: Verdict;
  readonly container: ObservedContainer | undefined;
  /** Its end was told, and nothing has begun since. */
  readonly completed: boolean;
  readonly attempts: Attempts;
  readonly reporter: StatusReporter;
  readonly told: Telling;
  /** What its gates were decided on. */
  readonly dependencies: Dependencies;
  /** It has begun anew by this work. */
  readonly started: boolean;
}

/** The last lines come before the last status, the status before `done`; and the row is written before any of it is told. */
async function finish(claimed: ClaimedRow, end: Finish, work: RowWork): Promise<void> {
  const { row, claim } = claimed;
  const { verdict, container, reporter, told } = end;
  const { store, clock } = work;
  const follower = container && (await work.followers.follower(claimed, container.id));
  follower?.wake();
  // Before its last status: nobody looks at what does not run. Of an engine that does not answer nobody knows.
  const isGone = container === undefined ? verdict.patch.engine_id === null : container.state !== 'running';
  if (isGone) await work.probers.unwatch(row.id);
  if (verdict.resting && container !== undefined) {
    const { id: engine_id, started_at } = container;
    if (!(await drained(claimed, work, { engine_id, started_at }))) {
      store.containers.release(claim, {}, clock.now(), clock.now());
      return;
    }
  }
  const attempt = Math.max(end.attempts.count, follower?.attempt ?? 0);
  const isNew = end.attempts.count > row.attempt;
  const done = verdict.resting && (isNew || !(end.completed || (await endsWithDone(work.journal, row.id))));
  const patch = { ...verdict.patch, ...unreadable(verdict, follower?.unavailable), attempt };
  const begun = isNew || (container !== undefined && isUp(container));
  if (!store.containers.write(claim, { ...patch, ...(begun && { completed: false }) }, clock.now())) return;
  const { status = row.status, health = row.health, ready = row.ready } = patch;
  if (end.started) restartDependents(row, container, work);
  wake(row.id, work);
  reporter.report({ ...patch, status, health, ready, attempt, again: done });
  if (done) {
    const { exit_code } = patch;
    const ts = timestamp(clock.now());
    told.add([{ type: 'done', attempt, ts, status, ...(typeof exit_code === 'number' && { exit_code }) }]);
  }
  await told.flushed();
  if (container !== undefined && follower !== undefined) work.probers.watch(row, container, follower);
  if (verdict.resting) await work.followers.unfollow(row.id);
  // Before it is let go: who takes over from a worker that dies here comes by here again.
  if (verdict.resting && removesItself(row, container))
    store.containers.change(row.id, { desired_state: 'removed', keeps_exit_code: true }, clock.now());
  // A member of a group, too: that shows what has become of it.
  if (verdict.patch.healing?.stopped && row.desired_state === 'running')
    store.containers.change(row.id, { desired_state: 'stopped', keeps_exit_code: true }, clock.now());
  // Only now: a worker that dies before this leaves its successor to tell the end, or to see that it was told.
  const waits = (patch.waits_for ?? null) !== null;
  const due_at =
    waits && !isStill(end.dependencies, dependenciesOf(row, store, clock.now()))
      ? clock.now()
      : verdict.due_at;
  store.containers.release(claim, verdict.resting ? { completed: true } : {}, due_at, clock.now());
  wake(row.id, work);
}

/** Those that asked for it begin anew once this one has: it was restarted, or replaced. Asked again, it is so already. */
function restartDependents(row: ContainerRow, container: ObservedContainer | undefined, work: RowWork): void {
  if (row.attempt === 0 || container?.started_at === undefined) return;
  const { store, clock, publisher } = work;
  const due = dependentsToRestart(row, container.started_at, store);
  for (const { id, restart_from } of due)
    store.containers.change(id, { desired_state: 'running', restart_from }, clock.now());
  if (due.length > 0) publisher.publish({ kind: 'poke' });
}

/** By us: now, or by a worker that died before it wrote that down. */
function hasStarted({ begun, generation, applied_generation }: ContainerRow, outcome: Outcome): boolean {
  if (outcome.kind !== 'settled') return false;
  if (outcome.started) return true;
  const { id, started_at } = outcome.container ?? {};
  const isNew = begun?.engine_id === id && started_at !== undefined && begun?.started_at !== started_at;
  return isNew && begun?.generation === generation && applied_generation !== generation;
}

/** What waits for it is due by what was written; workers of other processes do not know yet. */
function wake(id: string, { store, publisher }: RowWork): void {
  if (store.containers.awaited(id)) publisher.publish({ kind: 'poke' });
}

/** A failure that is another’s names it. */
async function withBlame(verdict: Verdict, outcome: Outcome, work: RowWork): Promise<Verdict> {
  const { reason } = verdict.patch;
  if (outcome.kind !== 'failed' || outcome.culprit === undefined || !reason) return verdict;
  const culprit = await blame(outcome.culprit, work);
  return { ...verdict, patch: { ...verdict.patch, reason: { ...reason, ...(culprit && { culprit }) } } };
}

/** One that was asked for with `auto_remove`, has run, and rests. */
function removesItself({ spec, declared }: ContainerRow, container: ObservedContainer | undefined): boolean {
  if (!spec.auto_remove || declared || container?.started_at === undefined) return false;
  return container.state === 'exited' || container.state === 'dead';
}

/** Said once, with the status: nobody waits for lines that cannot come. */
function unreadable({ patch }: Verdict, unavailable: string | undefined): ProgressPatch {
  if (unavailable === undefined || patch.status !== 'running' || patch.reason) return {};
  return { reason: { code: 'logs_unavailable', message: `${unavailable}. ${ERRORS.logs_unavailable.next}` } };
}
