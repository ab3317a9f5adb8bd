import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { KillAt } from '../../src/worker/kill-at.ts';

/** Where the next process of a Berth dies that was started with `BERTH_TEST_KILL_AT: path`. */
export interface KillFile {
  readonly path: string;
  arm(place: KillAt): void;
  /** Nobody dies any more. */
  disarm(): void;
  /** Whether somebody died since it was armed. */
  killed(): boolean;
}

export function killFile(path: string): KillFile {
  const done = `${path}.done`;
  return {
    path,
    arm: (place) => {
      rmSync(done, { force: true });
      // Never seen half written.
      writeFileSync(`${path}.new`, JSON.stringify(place));
      renameSync(`${path}.new`, path);
    },
    disarm: () => rmSync(path, { force: true }),
    killed: () => existsSync(done),
  };
}
