import type { ProgressColumns } from '../container-row.ts';

/**
 * What a change of mind resets. It is also what a claim taken before that change no longer writes: the former generation's
 * verdict (status, failures, removed_at …) is no verdict about the new one; what the engine showed stays true.
 */
export const FRESH = {
  status: 'pending',
  health: 'none',
  ready: false,
  exit_code: null,
  reason: null,
  failures: 0,
  next_attempt_at: null,
  waits_for: null,
  waits_since: null,
  removed_at: null,
} as const satisfies Partial<ProgressColumns>;
