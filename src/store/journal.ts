import type { BerthEvent } from '../../contracts/berth-event.ts';
import type { ContainerEvent } from '../../contracts/events.ts';
import type { OperationEvent } from '../../contracts/operation-events.ts';

/** An event before it has its place. */
export type NewEvent = ContainerEvent extends infer E
  ? E extends ContainerEvent
    ? Omit<E, 'seq' | 'container_id'>
    : never
  : never;

/** An event of an operation before it has its place. */
export type NewOperationEvent = OperationEvent extends infer E
  ? E extends OperationEvent
    ? Omit<E, 'seq' | 'operation_id'>
    : never
  : never;

/** What is stored: the stream it is in says whose it is. */
export type StoredEvent = NewEvent | NewOperationEvent;

/**
 * Where a follower is in one container's log, per stream: the time of the last whole line that is stored, and how many whole
 * lines of that stream with that very time are stored. `run` is the engine's started_at of the run that was read to its end.
 */
export interface LogCursor {
  readonly engine_id: string;
  readonly stdout: StreamCursor | null;
  readonly stderr: StreamCursor | null;
  readonly run: string | null;
  /** The clock was set back while this log was written: its times prove nothing, places are found by position. */
  readonly set_back?: true;
  /** Where the follower was in the container that this one replaced, which may come back. */
  readonly former?: LogCursor;
}
export interface StreamCursor {
  /** The time of a line that has begun and is not whole; it is read again from there. */
  readonly open: string | null;
  readonly ts: string;
  readonly count: number;
}

export interface StreamState {
  /** The next event's seq; 1 for a new container. */
  readonly next_seq: number;
  /** The oldest seq that is still stored. */
  readonly first_seq: number;
  readonly cursor: LogCursor | null;
  /** Events of log lines are the token holder's alone. */
  readonly token: number;
}

export interface LineQuery {
  readonly tail?: number;
  /** RFC 3339 with nanoseconds, inclusive. */
  readonly since?: string;
  readonly until?: string;
  readonly stream?: 'stdout' | 'stderr';
  /** Left out: the container’s own lines. */
  readonly source?: 'container' | 'build';
  /** Lines after this seq. */
  readonly after_seq?: number;
  readonly limit: number;
}

/**
 * The events of all containers and operations (`logs.db`), in compressed chunks, written by a thread so that no streaming path waits for
 * SQLite. Seqs count from 1 per container without a hole. Bounded per container (bytes); the oldest chunks go first.
 */
export interface Journal {
  /** Stored with the next seqs, and the cursor with them, in one transaction. 'fenced' when a newer token has written. A null token writes unfenced (status events of handlers). */
  append(
    container_id: string,
    token: number | null,
    events: readonly NewEvent[],
    cursor?: LogCursor,
  ): Promise<readonly ContainerEvent[] | 'fenced'>;
  /** The same for an operation, which only its owner writes. */
  appendOperation(
    operation_id: string,
    events: readonly NewOperationEvent[],
  ): Promise<readonly OperationEvent[]>;
  /** Make `token` the writer; 'fenced' when a newer one is there. */
  open(container_id: string, token: number): Promise<StreamState | 'fenced'>;
  state(container_id: string): Promise<StreamState>;
  /** Events from `from_seq` on, in order: at most `limit`, and fewer when they are long (8 MiB an answer), so that only an empty answer is the end. Begins with a gap event (reason retention) when older ones were dropped. */
  read(stream_id: string, from_seq: number, limit: number): Promise<readonly BerthEvent[]>;
  /** Log lines, oldest first: with `tail` the last so many of them. At most `limit`, and fewer when they are long (8 MiB an answer); `has_more` tells that there are more after the last one. */
  lines(
    container_id: string,
    query: LineQuery,
  ): Promise<{
    readonly lines: readonly Extract<ContainerEvent, { type: 'log' }>[];
    readonly has_more: boolean;
  }>;
  forget(container_ids: readonly string[]): Promise<void>;
  /** Everything that was asked before is done first. */
  close(): Promise<void>;
}
