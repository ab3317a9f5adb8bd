import type { Console } from './console.ts';

/** Where a command writes and what it writes to: the process’s own streams, or a test’s. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Whether `out` is a terminal: colours, progress that redraws itself. */
  readonly terminal: boolean;
  readonly columns: number;
  readonly rows: number;
  /** For commands that are a terminal themselves. */
  readonly console: Console;
}
