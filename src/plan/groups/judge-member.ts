import { HELD_BACK } from '../held-back.ts';
import type { MemberRow, Moved, RolloutConfig } from './rollout.ts';

/** Tries of a member that was never there before. */
const TRIES = 3;
const SECOND = 1000;

/** What became of a member that was moved; undefined while nobody can say. `due_at`: when time alone will tell. */
export interface Judgement {
  readonly outcome?: 'proven' | 'failed';
  readonly message?: string;
  readonly ready_since?: number | undefined;
  readonly due_at?: number;
}

/** Judge it by its row. A replaced one is proven by its worker, over `monitor`; one that was made is watched here. */
export function judgeMember(
  row: MemberRow | undefined,
  moved: Moved,
  config: RolloutConfig,
  now: number,
): Judgement {
  if (row === undefined || row.desired_state === 'removed')
    return { outcome: 'failed', message: 'was removed meanwhile' };
  const applied = row.applied_generation >= row.generation;
  if (row.desired_state !== 'running') return applied ? { outcome: 'proven' } : waiting(moved, config, now);
  const fall = fallOf(row, applied);
  if (fall !== undefined) return { outcome: 'failed', message: fall };
  if (applied && row.runs_once && row.status === 'stopped' && row.exit_code === 0)
    return { outcome: 'proven' };
  if (!applied || !row.ready) return waiting(moved, config, now);
  const ready_since = moved.ready_since ?? now;
  const proven_at = moved.made ? ready_since + config.monitor * SECOND : now;
  return proven_at <= now ? { outcome: 'proven', ready_since } : { ready_since, due_at: proven_at };
}

function fallOf(row: MemberRow, applied: boolean): string | undefined {
  const why = row.reason?.message ?? row.status;
  if (applied && row.reason?.code === HELD_BACK) return why;
  if (row.status === 'failed' && (row.next_attempt_at === null || row.failures >= TRIES)) return why;
  if (row.status === 'restarting' && row.restart_count >= TRIES) return why;
  return undefined;
}

function waiting({ at }: Moved, { timeout, monitor, drain }: RolloutConfig, now: number): Judgement {
  // Its worker has the same time, and says more: this is for one that says nothing.
  const late = at + (timeout + monitor + drain) * SECOND + 5 * SECOND;
  return now >= late ? { outcome: 'failed', message: `is not ready after ${timeout} s` } : { due_at: late };
}
