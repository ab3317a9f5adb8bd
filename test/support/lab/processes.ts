import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { commandOf } from '../../../src/private-engine/engine-process.ts';

/** The processes of this machine that are in that network namespace. */
export function processesIn(netns: string): readonly number[] {
  const wanted = `net:[${statSync(netns).ino}]`;
  return allPids().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === wanted && !isZombie(pid);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

/** Those of `pids` that neither are one of `roots` nor came from one. */
export function strangersAmong(pids: readonly number[], roots: readonly number[]): readonly number[] {
  const known = new Set(roots);
  return pids.filter((pid) => {
    for (let one = pid; one > 1; one = parentOf(one)) if (known.has(one)) return false;
    return true;
  });
}

/** The processes whose command line names one of those paths, or something below it. */
export function processesNaming(...paths: readonly string[]): readonly number[] {
  const names = (word: string): boolean => paths.some((path) => word === path || word.startsWith(`${path}/`));
  return allPids().filter((pid) => commandOf(pid).some(names));
}

/** A line that tells a reader which process that is. */
export function describeProcess(pid: number): string {
  return `${pid} ${commandOf(pid).join(' ').trim().slice(0, 200)}`;
}

/** When a process began, in ticks since the boot: with its pid it names one process for good. Undefined once it has ended. */
export function startOf(pid: number): string | undefined {
  const fields = statOf(pid);
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

export function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function parentOf(pid: number): number {
  return Number(statOf(pid)?.[1] ?? 0);
}

function isZombie(pid: number): boolean {
  return statOf(pid)?.[0] === 'Z';
}

/** The fields after the name, from the state on. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return undefined;
  }
}

function allPids(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}
