import { spawnSync } from 'node:child_process';
import process from 'node:process';

export interface ConsoleSize {
  readonly columns: number;
  readonly rows: number;
}

/** The terminal, or the pipes, that a command is used from, byte by byte. */
export interface Console {
  /** Whether its input is typed at a terminal. */
  readonly typed: boolean;
  /** What is given, until its end or `stop`. */
  read(): AsyncIterable<Uint8Array>;
  /** Nothing more is read. */
  stop(): void;
  /** Resolves once there is room for more. */
  write(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void>;
  /** Undefined when its output is no terminal. */
  size(): ConsoleSize | undefined;
  /** Answers how to be told no more. */
  onResize(tell: () => void): () => void;
  /** From now on each key is a byte like any other, Ctrl-C too. Answers how to undo it. */
  raw(): () => void;
}

export function processConsole(): Console {
  const { stdin, stdout } = process;
  return {
    typed: stdin.isTTY === true,
    read: async function* () {
      try {
        for await (const part of stdin) yield part as Buffer;
      } catch (error) {
        // Stopped while it waited for more.
        if (!stdin.destroyed) throw error;
      }
    },
    stop: () => void stdin.destroy(),
    write: (stream, data) =>
      new Promise((resolve) => {
        process[stream].write(data, () => resolve());
      }),
    // A terminal that nobody looks at, as one of `script`, has no size.
    size: () =>
      stdout.isTTY && stdout.columns > 0 && stdout.rows > 0
        ? { columns: stdout.columns, rows: stdout.rows }
        : undefined,
    onResize: (tell) => {
      stdout.on('resize', tell);
      return () => void stdout.off('resize', tell);
    },
    raw: () => {
      stdin.setRawMode?.(true);
      // Node leaves a carriage return added to each newline, which garbles what moves a cursor by newlines.
      spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
      return () => void stdin.setRawMode?.(false);
    },
  };
}
