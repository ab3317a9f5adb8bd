/** One line of a table: what was measured, and beside it the peer of the same run. */
export type Row = Readonly<Record<string, string | number>>;

export interface BenchParts {
  /** The unix socket of an engine that may be played with. It has busybox:latest, or pulls it. */
  readonly socket: string;
  readonly say: (line: string) => void;
}

export interface Bench {
  readonly name: string;
  run(parts: BenchParts): Promise<readonly Row[]>;
}

/** The value that `share` (0…1) of them do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
