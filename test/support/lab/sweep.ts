import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdLock } from '../../../src/private-engine/hold-lock.ts';
import { startOf } from './processes.ts';

const OWNER = 'owner.json';

interface Owner {
  readonly pid: number;
  readonly started: string;
}

/** Note in a lab’s folder that it belongs to this process. */
export function writeOwner(folder: string): void {
  const owner: Owner = { pid: process.pid, started: startOf(process.pid) ?? '' };
  writeFileSync(join(folder, OWNER), JSON.stringify(owner));
}

/** End the labs below that folder whose runner was killed before it could. One process at a time: `lock` is a file for that. */
export async function sweepDeadLabs(
  below: string,
  lock: string,
  end: (folder: string) => Promise<void>,
): Promise<void> {
  const dead = (): readonly string[] =>
    readdirSync(below)
      .filter((name) => name.startsWith('berth-lab-'))
      .map((name) => join(below, name))
      .filter(isDead);
  if (dead().length === 0) return;
  await using _lock = await holdLock(lock);
  for (const folder of dead()) await end(folder);
}

function isDead(folder: string): boolean {
  const owner = ownerOf(folder);
  return owner !== undefined && startOf(owner.pid) !== owner.started;
}

function ownerOf(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as Owner;
  } catch {
    // It is being made or removed at this moment.
    return undefined;
  }
}
