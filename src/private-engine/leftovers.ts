import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { commandOf, placesOf } from './engine-process.ts';
import { runCommand } from './run-command.ts';

const CGROUPS = '/sys/fs/cgroup';
const PATIENCE_MS = 10_000;

/**
 * End what a killed engine leaves behind: containers with their shims, its containerd, mounts and cgroups. Only what names that
 * state folder is touched. The state itself stays. Never while its engine runs.
 */
export async function endLeftovers(state: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let left = helpersOf(state); left.length > 0 && performance.now() < end; left = helpersOf(state)) {
    // The containers first: without its shim nobody tells whose they were.
    for (const pid of left.flatMap(childrenOf)) kill(pid);
    for (const pid of left) kill(pid);
    await pause(50);
  }
  await unmountBelow(state);
  for (const id of namesIn(join(placesOf(state).data, 'containers'))) removeCgroups(id);
}

/** Unmount everything below a folder, the innermost first. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) await runCommand('umount', ['--lazy', path]);
}

/** containerd and its shims: their command lines name the folder for their sockets. */
function helpersOf(state: string): readonly number[] {
  const { exec } = placesOf(state);
  return pids().filter((pid) => {
    const [program = '', ...words] = commandOf(pid);
    return /containerd[^/]*$/.test(program) && words.some((word) => word.startsWith(`${exec}/`));
  });
}

function childrenOf(parent: number): readonly number[] {
  return namesIn(`/proc/${parent}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number);
    } catch {
      return [];
    }
  });
}

function removeCgroups(id: string): void {
  for (const group of ['', ...namesIn(CGROUPS)]) {
    try {
      rmdirSync(join(CGROUPS, group, 'docker', id));
    } catch {
      // Most of these folders never were; one in use goes with its last process.
    }
  }
}

function pids(): readonly number[] {
  return namesIn('/proc').map(Number).filter(Number.isInteger);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
