import { judgeMember } from './judge-member.ts';
import { type Slot, slotKey, slotsOf } from './release.ts';
import {
  beginning,
  type EndState,
  type MemberRow,
  type Moved,
  type Progress,
  type RolloutChange,
  type RolloutConfig,
  type RolloutInput,
  type RolloutStep,
} from './rollout.ts';
import { serviceGraph } from './service-graph.ts';

const SECOND = 1000;

/** One step of a deployment: what to do to which rows now, given all that is known. The rows alone say what was done, so whoever goes on after a crash comes to the same. */
export function planRollout(input: RolloutInput): RolloutStep {
  const judged = judgeAll(input);
  const failure = judged.progress.direction === 'forward' ? failureOf(judged) : undefined;
  if (failure === undefined) return goOn(judged);
  const reason = { code: 'deploy_failed', message: failure.message };
  switch (failure.action) {
    case 'pause':
      return { changes: [], progress: judged.progress, end: { state: 'paused' }, reason, due_at: null };
    case 'rollback':
      return { ...goOn({ ...judged, progress: turnedBack(judged.progress) }), reason };
    case 'continue': {
      const step = goOn(judged);
      return step.end === undefined ? step : { ...step, end: { state: 'failed' }, reason };
    }
  }
}

function turnedBack({ leaving }: Progress): Progress {
  return { ...beginning([]), direction: 'back', leaving };
}

/** What became of those that were moved. */
function judgeAll(input: RolloutInput): RolloutInput {
  const rows = bySlot(input.rows);
  const { progress, config, now } = input;
  const rested = { ...progress.rested };
  const moved = Object.entries(progress.moved).map(([key, one]): [string, Moved] => {
    if (one.outcome !== undefined) return [key, one];
    const service = serviceOf(key);
    const { outcome, message, ready_since } = judgeMember(rows.get(key), one, config(service), now);
    if (outcome !== undefined) rested[service] = now;
    return [key, { ...one, outcome, message, ready_since }];
  });
  return { ...input, progress: { ...progress, moved: Object.fromEntries(moved), rested } };
}

/** The first service of which more failed than may. */
function failureOf(
  input: RolloutInput,
): { readonly message: string; readonly action: RolloutConfig['failure_action'] } | undefined {
  const failed = Object.entries(input.progress.moved).filter(([, { outcome }]) => outcome === 'failed');
  for (const [service, those] of Map.groupBy(failed, ([key]) => serviceOf(key))) {
    const { max_failure_ratio, failure_action } = input.config(service);
    const total = Math.max(1, slotsOf(input.to.services).filter((slot) => slot.service === service).length);
    if (those.length / total <= max_failure_ratio) continue;
    return {
      message: those.map(([key, one]) => `${key}: ${one.message}`).join('; '),
      action: failure_action,
    };
  }
  return undefined;
}

function goOn(input: RolloutInput): RolloutStep {
  const goal = input.progress.direction === 'forward' ? input.to : input.from;
  const rows = bySlot(input.rows);
  const slots = slotsOf(goal.services);
  const work: Work = {
    input,
    goal: goal.number,
    rows,
    moved: { ...input.progress.moved },
    changes: [],
    due: [],
  };
  const open = new Set<string>();
  const graph = serviceGraph(goal.services);
  for (const service of graph.order) {
    const mine = slots.filter((slot) => slot.service === service);
    const isReady = graph.needsOf(service).every((name) => !open.has(name));
    if (!moveService(service, mine, isReady, work)) open.add(service);
  }
  const leaving = leave(slots, work);
  const progress: Progress = { ...input.progress, moved: work.moved, leaving };
  const isOver = open.size === 0 && Object.keys(leaving).length === 0;
  const times = work.due.filter((at) => at > input.now);
  return {
    changes: work.changes,
    progress,
    ...(isOver && { end: { state: endState(progress) } }),
    due_at: isOver || times.length === 0 ? null : Math.min(...times),
  };
}

interface Work {
  readonly input: RolloutInput;
  readonly goal: number;
  readonly rows: ReadonlyMap<string, MemberRow>;
  readonly moved: Record<string, Moved>;
  readonly changes: RolloutChange[];
  readonly due: number[];
}

/** True once all of its containers are moved, well or not. */
function moveService(service: string, slots: readonly Slot[], isReady: boolean, work: Work): boolean {
  const { input, rows, moved } = work;
  const config = input.config(service);
  const todo = slots.filter((slot) => moved[slot.key] === undefined && !settle(slot, work));
  const flying = slots.filter(({ key }) => moved[key] !== undefined && moved[key]?.outcome === undefined);
  for (const { key } of flying) {
    const one = moved[key];
    const { due_at } = one === undefined ? {} : judgeMember(rows.get(key), one, config, input.now);
    if (due_at !== undefined) work.due.push(due_at);
  }
  if (todo.length === 0) return flying.length === 0;
  if (!isReady || flying.length > 0) return false;
  const rested = input.progress.rested[service];
  const next = rested === undefined ? input.now : rested + config.delay * SECOND;
  if (next > input.now) {
    work.due.push(next);
    return false;
  }
  const all = config.strategy === 'recreate' || config.parallelism === 0;
  for (const slot of all ? todo : todo.slice(0, config.parallelism)) move(slot, work);
  return false;
}

/** What is as it should be only learns the number of the release. True when that is all. */
function settle(slot: Slot, { input, goal, rows, changes }: Work): boolean {
  const row = rows.get(slot.key);
  if (row === undefined) return false;
  if (row.release === goal) return true;
  const isTarget = input.targets.has(slot.service) || input.progress.direction === 'back';
  const again = input.progress.again.includes(slot.service);
  if (isTarget && (again || row.spec_hash !== slot.spec_hash)) return false;
  changes.push({ type: 'adopt', id: row.id, release: goal });
  return true;
}

function move(slot: Slot, { input, goal, rows, moved, changes }: Work): void {
  const row = rows.get(slot.key);
  const config = input.config(slot.service);
  moved[slot.key] = { at: input.now, generation: (row?.generation ?? 0) + 1, made: row === undefined };
  changes.push(
    row === undefined
      ? { type: 'insert', slot, release: goal }
      : { type: 'replace', id: row.id, slot, release: goal, config },
  );
}

/** What the goal has no place for goes; a number that is too high at once, a service that is no more as well. */
function leave(slots: readonly Slot[], { input, changes }: Work): Progress['leaving'] {
  const wanted = new Set(slots.map(({ key }) => key));
  const gone = input.rows.filter((row) => !wanted.has(slotKey(row)));
  for (const { id, desired_state } of gone)
    if (desired_state !== 'removed') changes.push({ type: 'remove', id });
  return Object.fromEntries(gone.map(({ id }) => [id, input.progress.leaving[id] ?? input.now]));
}

function endState({ direction, moved }: Progress): EndState {
  if (direction === 'back')
    return Object.values(moved).some(({ outcome }) => outcome === 'failed') ? 'failed' : 'rolled_back';
  return 'succeeded';
}

function bySlot(rows: readonly MemberRow[]): ReadonlyMap<string, MemberRow> {
  return new Map(rows.map((row) => [slotKey(row), row]));
}

function serviceOf(key: string): string {
  return key.split('#')[0] ?? key;
}
