import type { Claim } from '../../store/container-row.ts';
import type { Ahead } from '../ahead.ts';
import type { Followers } from '../followers.ts';
import type { Probers } from '../probes/probers.ts';
import type { Slots } from '../slots.ts';
import type { WorkerParts } from '../worker-parts.ts';
import type { Turn } from './start-in-turn.ts';

/** What a row’s work needs of the worker around it. */
export interface RowWork extends WorkerParts {
  /** The worker ends. */
  readonly signal: AbortSignal;
  readonly followers: Followers;
  readonly probers: Probers;
  readonly ahead: Ahead;
  readonly slots: Slots;
  readonly turn: Turn;
  /** Whether the claim is still this worker’s, by the database and by the monotonic clock. */
  readonly holds: (claim: Claim) => boolean;
}
