export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ExecRequest {
  /** The exact words. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly work_dir?: string;
  readonly user?: string;
  readonly privileged: boolean;
  readonly tty: boolean;
  /** Whether it gets input; without, its input is at its end from the start. */
  readonly stdin: boolean;
  /** False: nobody hears what it says. */
  readonly output: boolean;
  /** What its processes are told apart by, for `endExec`: a word that nothing else has. */
  readonly mark?: string;
}

export interface ExecState {
  readonly exec_id: string;
  /** The engine’s id. */
  readonly container_id: string;
  readonly running: boolean;
  /** Of one that has ended. */
  readonly exit_code?: number;
  /** On the engine’s machine; left out while there is none, and for what could not be run at all. */
  readonly pid?: number;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly user: string;
  readonly privileged: boolean;
}

/** A piece of what a process said; a copy, it may be kept. With a terminal everything is stdout. */
export interface OutputPiece {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

/** A connection with the input and the output of a process. It ends with its signal, with the process, or by `close`. */
export interface Session {
  /** To be read once, to its end: what is not read is not fetched. Throws engine_unreachable when the connection breaks, aborted at `close`. */
  readonly output: AsyncIterable<readonly OutputPiece[]>;
  /** Resolves once the engine’s socket has taken it. Throws wrong_state when nobody reads it any more. */
  write(data: Uint8Array): Promise<void>;
  /** The end of the input; the output goes on. */
  end(): Promise<void>;
  close(): void;
}

/** Talking with processes in containers. */
export interface SessionCalls {
  /** Say what to run in a container that runs; nothing runs yet. Throws not_found, wrong_state. */
  prepare(ref: string, request: ExecRequest, signal?: AbortSignal): Promise<{ readonly exec_id: string }>;
  /** Run it, once, and talk with it. What cannot be run is known from `state` after the output’s end. Throws not_found, wrong_state. */
  run(
    exec_id: string,
    options: { readonly tty: boolean; readonly size?: TerminalSize },
    signal: AbortSignal,
  ): Promise<Session>;
  /** Run it, once, and leave it alone. Throws not_found, wrong_state, command_not_found, command_not_runnable. */
  runDetached(exec_id: string, options: { readonly tty: boolean }, signal?: AbortSignal): Promise<void>;
  /** Undefined when the engine does not know it (any more). */
  state(exec_id: string, signal?: AbortSignal): Promise<ExecState | undefined>;
  /** Kill what was run with that mark, and all that it began. True when nothing of it is left; false when it could not be ended. `user` and `privileged` as it was run. */
  endExec(
    ref: string,
    exec: {
      readonly exec_id: string;
      readonly mark: string;
      readonly user: string | undefined;
      readonly privileged: boolean;
    },
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Throws not_found, wrong_state when it does not run. */
  resizeExec(exec_id: string, size: TerminalSize, signal?: AbortSignal): Promise<void>;
  /** Talk with the main process of a container; without `stdout` and `stderr` the session tells only its end. Throws not_found, wrong_state. */
  attach(
    ref: string,
    options: {
      readonly stdin: boolean;
      readonly stdout: boolean;
      readonly stderr: boolean;
      /** What the engine has kept of it comes first. */
      readonly logs?: boolean;
      readonly tty: boolean;
    },
    signal: AbortSignal,
  ): Promise<Session>;
  /** Throws not_found, wrong_state when it does not run. */
  resize(ref: string, size: TerminalSize, signal?: AbortSignal): Promise<void>;
}
