import type { Publisher } from '../../bus/bus.ts';
import type { Log } from '../../runtime/log.ts';
import type { Journal, LogCursor, NewEvent } from '../../store/journal.ts';
import type { EventWriter } from './event-writer.ts';
import type { LogSource } from './log-source.ts';
import type { RunWaiters } from './run-waiters.ts';
import type { WakeUp } from './wake-up.ts';

export interface FollowTiming {
  /** A log that says nothing for so long is compared with its newest line. */
  readonly stall_ms: number;
  /** A log that somebody waits for and that cannot be read on for so long is given up, with a gap. */
  readonly patience_ms: number;
}

export interface Following {
  readonly container_id: string;
  readonly engine_id: string;
  readonly token: number;
  readonly source: LogSource;
  readonly journal: Journal;
  readonly publisher: Publisher;
  readonly log: Log;
  /** Now as RFC 3339 with nanoseconds, for events that the engine does not time. */
  readonly timestamp: () => string;
  readonly timing?: FollowTiming;
  /** Told when it ends without having been stopped: somebody should begin again. */
  readonly onEnded?: () => void;
}

/** Hears what a follower reads, as it reads it. */
export interface RunListener {
  /** The lines from now on are of the run that began then: the so-manieth start. */
  run(started_at: string, attempt: number): void;
  lines(events: readonly NewEvent[]): void;
  /** That run has ended. */
  over(started_at: string): void;
}

/** What the parts of one follower share. */
export interface FollowState {
  readonly following: Following;
  readonly timing: FollowTiming;
  readonly signal: AbortSignal;
  readonly awake: WakeUp;
  readonly waiters: RunWaiters;
  readonly listeners: Set<RunListener>;
  writer: EventWriter;
  /** Where it is in the log; what is stored may be a moment behind. */
  cursor: LogCursor;
  /** Counts starts of the container, those by the engine too. */
  attempt: number;
  /** The attempt that Berth began; the engine’s restarts come on top. */
  first_attempt: number;
  /** By the engine, up to the run that is read. */
  restarts: number;
  /** The next run is counted in `attempt` already. */
  is_counted: boolean;
  /** Batches read so far. */
  batches: number;
  /** By the monotonic clock. */
  progress_at: number;
  /** What cannot be read because the engine does not answer is waited for, however long. */
  engine_away: boolean;
  /** A start is under way until then. */
  expected_until: number;
  /** When the run that is read, or was read last, began. */
  reading_run: string | undefined;
  rereads: number;
  /** Why this log cannot be read at all. */
  unavailable: string | undefined;
  isRead(started_at: string): boolean;
  /** That run is stored to its end. False when a newer follower has taken over. */
  settle(started_at: string): Promise<boolean>;
  /** The rest of that run cannot be had: a gap says so. False when a newer follower has taken over. */
  abandon(started_at: string): Promise<boolean>;
  /** Begin again from what is stored, after a write failed. False when a newer follower has taken over. */
  reopen(): Promise<boolean>;
  /** This log cannot be read at all. */
  giveUp(error: Error): void;
}
