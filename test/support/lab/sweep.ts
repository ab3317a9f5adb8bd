import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** End the labs below that folder whose runner was killed before it could. */
export async function sweepDeadLabs(below: string, end: (folder: string) => Promise<void>): Promise<void> {
  const labs = readdirSync(below).filter((name) => name.startsWith('berth-lab-'));
  for (const folder of labs.map((name) => join(below, name))) {
    const owner = ownerOf(folder);
    if (owner !== undefined && startOf(owner.pid) !== owner.started) await end(folder);
  }
}

function ownerOf(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as Owner;
  } catch {
    // It is being made or removed at this moment.
    return undefined;
  }
}
