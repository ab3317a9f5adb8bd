import type { EngineDetails } from '../../../contracts/container-methods/inspection.ts';
import type { UsageSample } from '../../../contracts/container-methods/stats.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { Limits } from '../../plan/actions.ts';
import type { EngineState, ObservedContainer, ObservedPort } from '../../plan/observed.ts';

export interface CreateContainer {
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly restart_policy: string;
  readonly aliases: readonly string[];
  /** Ours, laid over those of the spec and of the image. */
  readonly labels: Readonly<Record<string, string>>;
  /** Anonymous volumes to mount again, volume name by path inside. */
  readonly keep_volumes: Readonly<Record<string, string>>;
}

export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly image_id: string;
  readonly state: EngineState;
  readonly created_at: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly ObservedPort[];
  readonly networks: readonly { readonly network: string; readonly ip?: string }[];
  /** When it was asked for. */
  readonly exit_code?: number;
  /** Bytes, when they were asked for. */
  readonly size_written?: number;
  readonly size_total?: number;
}

export interface ContainerCalls {
  /** All of them, running or not, whose labels match all of `labels` (an empty value stands for all). */
  list(
    filter: {
      readonly labels?: Readonly<Record<string, string>>;
      /** Have the engine count bytes on disk, which takes it a while. */
      readonly size?: boolean;
      /** Only those that ended with it. */
      readonly exit_code?: number;
    },
    signal?: AbortSignal,
  ): Promise<readonly ContainerSummary[]>;
  /** By id or exact name; undefined when there is none. */
  inspect(ref: string, signal?: AbortSignal): Promise<ObservedContainer | undefined>;
  /** What of a spec this engine cannot do, each with the reason. Known before anything is done. */
  unsupported(spec: ContainerSpec, signal?: AbortSignal): Promise<readonly string[]>;
  /** Throws name_conflict (details: holder, the engine id), image_not_found, port_conflict, not_found (a network). Does not start. */
  create(
    request: CreateContainer,
    signal?: AbortSignal,
  ): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  /** Started, or already so. Throws not_found, port_conflict (details: port, holder when known), start_failed (command not found, no permission …). */
  start(ref: string, signal?: AbortSignal): Promise<void>;
  /** Stopped, already so, or gone. `timeout` in seconds until it is killed; left out: the container's own. */
  stop(ref: string, options: { readonly timeout?: number }, signal?: AbortSignal): Promise<void>;
  /** Removed and no longer there, or gone before. */
  remove(
    ref: string,
    options: { readonly force: boolean; readonly anonymous_volumes: boolean },
    signal?: AbortSignal,
  ): Promise<void>;
  /** Throws not_found, name_conflict. */
  rename(ref: string, to: string, signal?: AbortSignal): Promise<void>;
  /** Change limits in place; a left-out limit is cleared. Throws not_found, and unsupported when the engine cannot do that in place. */
  update(
    ref: string,
    limits: Limits,
    signal?: AbortSignal,
  ): Promise<{ readonly warnings: readonly string[] }>;
  /**
   * Its log, in batches of frames as they come. Ends when the log does (with `follow`: when the container stops); throws when
   * the connection breaks before. Throws not_found, logs_unavailable. Back-pressured: what is not read is not fetched.
   */
  logs(ref: string, query: LogQuery, signal: AbortSignal): AsyncIterable<readonly LogFrame[]>;
  /** Send a signal (`SIGTERM`, `15`) to its main process. Throws not_found, wrong_state when it does not run, engine_refused for no such signal. */
  kill(ref: string, unix_signal: string, signal?: AbortSignal): Promise<void>;
  /** Frozen, or already so. Throws not_found, wrong_state when it does not run. */
  pause(ref: string, signal?: AbortSignal): Promise<void>;
  /** Going on, or already so. Throws not_found, wrong_state when it does not run. */
  unpause(ref: string, signal?: AbortSignal): Promise<void>;
  /** Resolves when it does not run (any more), with the exit code of its last run. Throws not_found, and within a minute when the engine stops answering. */
  wait(ref: string, signal?: AbortSignal): Promise<{ readonly exit_code: number }>;
  /** Its processes. Throws not_found, wrong_state when it does not run, engine_refused for options that `ps` does not take. */
  top(ref: string, ps_args: string, signal?: AbortSignal): Promise<ProcessTable>;
  /** Measured over about a second. Undefined when it is not there, or does not run. */
  stats(ref: string, signal?: AbortSignal): Promise<UsageSample | undefined>;
  /** A sample about every second, undefined while it does not run; ends when it is removed. Throws not_found, and what breaks the connection. */
  samples(ref: string, signal: AbortSignal): AsyncIterable<UsageSample | undefined>;
  /** All that the engine shows; `size` has it count the bytes on disk. Undefined when it is not there. */
  details(
    ref: string,
    options: { readonly size: boolean },
    signal?: AbortSignal,
  ): Promise<EngineDetails | undefined>;
}

export interface ProcessTable {
  readonly titles: readonly string[];
  readonly processes: readonly (readonly string[])[];
}

export interface LogQuery {
  readonly follow: boolean;
  /** Inclusive, RFC 3339 with nanoseconds, as frames have it. */
  readonly since?: string;
  readonly until?: string;
  /** Only the last N lines. Left out: all. */
  readonly tail?: number;
  /** A container with a terminal: no frames, everything is stdout. */
  readonly tty: boolean;
}

/** One piece of a log as the engine keeps it: a whole line, or a piece of a long one (16 KiB). */
export interface LogFrame {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds. All pieces of a line have the time of its first. */
  readonly ts: string;
  /** Without the newline. A copy: it may be kept. */
  readonly data: Buffer;
  /** False when the line goes on in the next frame of this stream. */
  readonly ends_line: boolean;
}
