import type { BerthEvent } from '../../contracts/berth-event.ts';
import type { containers } from '../../contracts/containers.ts';
import type { Client, Contract } from '../../contracts/contract.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { ContainerEvent } from '../../contracts/events.ts';
import type { JoinedSession } from '../../contracts/session-wire.ts';

/** Typed clients over whatever answers: the daemon’s socket, or the state folder itself when no daemon runs. */
export interface Session {
  readonly containers: Client<typeof containers>;
  /** Any other contract. */
  open<C extends Contract>(contract: C): Client<C>;
  /** Whether a daemon answers: only then does anything start, stop or follow. */
  readonly daemon: boolean;
  call(contract: string, method: string, input: unknown, signal: AbortSignal): Promise<unknown>;
  listen(
    target: { readonly reply_to?: string; readonly topic: string; readonly from_seq?: number },
    signal: AbortSignal,
  ): AsyncIterable<BerthEvent>;
  /** Join a session that `exec` or `attach` offered; it ends with the signal. */
  join(session_id: string, signal: AbortSignal): JoinedSession;
  close(): Promise<void>;
}

/** What the commands share: where the state is and which engine is meant. */
export interface Place {
  readonly state?: string;
  readonly engine?: string;
}

/** Compose files that are one project. */
export interface ComposeRequest {
  readonly files: readonly string[];
  readonly project?: string;
  readonly profiles: readonly string[];
  readonly services: readonly string[];
}

/** What is declared: a registry, or a Compose project instead. */
export interface DeclaredRequest {
  readonly roots: readonly string[];
  readonly compose?: ComposeRequest;
}

export interface UpRequest extends Place, DeclaredRequest {
  readonly workers?: number;
}

/** A running `berth up`, as its view sees it. */
export interface RunningBerth {
  readonly session: Session;
  /** Everything that happens to any container, from now on; bounded: a view that does not keep up misses lines, and is told. */
  watch(signal: AbortSignal): AsyncIterable<ContainerEvent>;
  /** Problems of the registry as they appear and go, as text. */
  readonly problems: AsyncIterable<string>;
  /** Errors of the registry as they are now, a line each: `file:line:column: entry: message`. Without those that may go by themselves. */
  wrong(): readonly string[];
  stop(): Promise<void>;
}

export interface Finding {
  readonly level: 'error' | 'warning' | 'ignored';
  readonly code: ErrorCode;
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly entry?: string;
  readonly message: string;
  /** With the source line and a caret, for people. */
  readonly text: string;
}

export interface Validation {
  readonly files: number;
  /** `type`: container, network or volume. */
  readonly entries: readonly {
    readonly id: string;
    readonly type: string;
    readonly name: string;
    readonly file: string;
  }[];
  readonly findings: readonly Finding[];
}

export interface PlannedContainer {
  readonly id: string;
  readonly name: string;
  readonly change: 'create' | 'change' | 'remove' | 'keep';
  readonly refused?: string;
  /** Where the container that is there is not as it is declared. */
  readonly differs: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[];
  readonly steps: readonly { readonly action: string; readonly on: string; readonly cause: string }[];
}

/** What would become of a declared network or volume. */
export interface PlannedResource {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly refused?: string;
  readonly steps: PlannedContainer['steps'];
}

/** Compose files to make entries of. */
export interface ImportRequest {
  readonly files: readonly string[];
  readonly project?: string;
  readonly profiles: readonly string[];
  /** A folder, or `-` to write nothing. */
  readonly into?: string;
  readonly force: boolean;
}

export interface ImportReport {
  readonly project: string;
  readonly index: string;
  readonly policy?: string;
  readonly written: readonly string[];
  readonly problems: readonly { readonly level: string; readonly text: string }[];
}

export interface DownRequest extends Place {
  /** One group alone; a daemon that runs goes on. */
  readonly group?: string;
  readonly volumes?: boolean;
  readonly images?: 'local' | 'all';
}

export interface DownReport {
  readonly removed: readonly string[];
  readonly failed: readonly { readonly name: string; readonly message: string }[];
}

export interface AdoptReport {
  readonly adopted: readonly { readonly id: string; readonly name: string }[];
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[];
  readonly networks: readonly string[];
  readonly joins: readonly { readonly name: string; readonly network: string }[];
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

export interface EngineStatus {
  readonly installed: boolean;
  readonly running: boolean;
  readonly host?: string;
  readonly version?: string;
  readonly pid?: number;
}

/** All that commands need of the rest of the house; made in main.ts, so that this room imports no other. */
export interface Deps {
  /** The daemon if it runs, else the state folder itself. Throws daemon_not_running when there is neither. */
  session(place: Place): Promise<Session>;
  /** The same, or the engine alone where there is no Berth: only what asks after the engine itself is answered then. */
  engineSession(place: Place): Promise<Pick<Session, 'open' | 'close'>>;
  up(request: UpRequest): Promise<RunningBerth>;
  validate(declared: DeclaredRequest): Promise<Validation>;
  importCompose(request: ImportRequest): Promise<ImportReport>;
  plan(
    declared: DeclaredRequest,
    place: Place,
  ): Promise<{
    readonly resources: readonly PlannedResource[];
    readonly containers: readonly PlannedContainer[];
    readonly findings: readonly Finding[];
  }>;
  /** Ends the daemon if one runs, then removes every container and network of ours; named volumes stay. */
  down(request: DownRequest, onRemoved: (name: string) => void, signal: AbortSignal): Promise<DownReport>;
  /** Rows for made containers that no row knows. Throws daemon_running while one runs. */
  adopt(place: Place): Promise<AdoptReport>;
  readonly engine: {
    status(): Promise<EngineStatus>;
    install(say: (line: string) => void, signal: AbortSignal): Promise<EngineStatus>;
    start(say: (line: string) => void, signal: AbortSignal): Promise<EngineStatus>;
    stop(say: (line: string) => void): Promise<EngineStatus>;
    /** An engine that answers: found, or (as root on Debian or Ubuntu, after saying so) installed and started. */
    ready(say: (line: string) => void, signal: AbortSignal): Promise<string>;
  };
  /** Make the quickstart’s own image on that engine, with no registry. */
  quickstartImage(host: string, say: (line: string) => void, signal: AbortSignal): Promise<void>;
  readonly quickstartRegistry: string;
  now(): number;
}
