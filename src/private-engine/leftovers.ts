import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { commandOf, placesOf } from './engine-process.ts';
import { runCommand } from './run-command.ts';

const CGROUPS = '/sys/fs/cgroup';
const PATIENCE_MS = 10_000;

/**
 * End what a killed engine leaves behind: containers with their shims, its containerd, mounts and cgroups. Only what names that
 * state folder, or a container that is in it, is touched. The state itself stays. Never while its engine runs.
 */
export async function endLeftovers(state: string): Promise<void> {
  const { data } = placesOf(state);
  const cgroups = namesIn(join(data, 'containers')).flatMap(cgroupsOf);
  const remaining = (): readonly number[] => [...cgroups.flatMap(processesOf), ...helpersOf(state)];
  const end = performance.now() + PATIENCE_MS;
  for (let left = remaining(); left.length > 0 && performance.now() < end; left = remaining()) {
    for (const pid of left) kill(pid);
    await pause(50);
  }
  await unmountBelow(state);
  for (const path of cgroups) removeCgroup(path);
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
  return namesIn('/proc')
    .map(Number)
    .filter((pid) => {
      const [program = '', ...words] = Number.isInteger(pid) ? commandOf(pid) : [];
      return /containerd[^/]*$/.test(program) && words.some((word) => word.startsWith(`${exec}/`));
    });
}

/** Where a container’s cgroups can be: version 1 has one a controller, version 2 one of all; systemd names them its own way. */
function cgroupsOf(id: string): readonly string[] {
  return ['', ...namesIn(CGROUPS)].flatMap((group) => [
    join(CGROUPS, group, 'docker', id),
    join(CGROUPS, group, 'system.slice', `docker-${id}.scope`),
  ]);
}

function processesOf(cgroup: string): readonly number[] {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    // Most of these folders never were.
    return [];
  }
}

/** With the groups that the container made inside. */
function removeCgroup(path: string): void {
  for (const name of namesIn(path)) removeCgroup(join(path, name));
  try {
    rmdirSync(path);
  } catch {
    // Its files are no folders, and most of these folders never were; one in use goes with its last process.
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not there, or no folder.
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
