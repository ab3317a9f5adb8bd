import { readdir, readFile } from 'node:fs/promises';

const ROUNDS = 25;

/**
 * End the processes of a container whose environment has these words, with what they began, as far as they are this machine’s and
 * ours to end. True when none is left, false also when none of the container’s can be seen from here. A process is the container’s when its control group has the container’s id.
 */
export async function killOnThisMachine(container_id: string, words: string): Promise<boolean> {
  const ever = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const all = await processesOf(container_id, words);
    const pids = related(all, ever);
    if (pids.length === 0) return all.length > 0 || ever.size > 0;
    for (const pid of pids) {
      ever.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went by itself, or is not ours to end: the next round tells.
      }
    }
  }
  return false;
}

interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly has_words: boolean;
}

/** Those with the words, what they began, and what is in a session that one of them leads or led. */
function related(all: readonly Seen[], ever: ReadonlySet<number>): readonly number[] {
  const known = new Set(ever);
  const found = new Set<number>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent, session, has_words } of all)
      if (has_words || known.has(parent) || known.has(session)) {
        found.add(pid);
        known.add(pid);
      }
  }
  return [...found];
}

async function processesOf(container_id: string, words: string): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  for (const name of await namesIn('/proc')) {
    if (!/^\d+$/.test(name) || !(await textOf(`/proc/${name}/cgroup`)).includes(container_id)) continue;
    const stat = await textOf(`/proc/${name}/stat`);
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === undefined || state === '' || state === 'Z' || state === 'X') continue;
    const environ = await textOf(`/proc/${name}/environ`);
    all.push({
      pid: Number(name),
      parent: Number(parent),
      session: Number(session),
      has_words: environ.split('\0').includes(words),
    });
  }
  return all;
}

/** Nothing on a machine that has no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** Nothing of what went meanwhile, or is not ours to read. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch {
    return '';
  }
}
