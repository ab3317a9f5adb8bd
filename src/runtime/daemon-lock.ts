import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ContractError } from '../../contracts/contract-error.ts';

const lockFile = z.object({ pid: z.int().min(1), started: z.string() });
export type DaemonInfo = z.infer<typeof lockFile>;

/** This process’s hold on a state folder; a process that dies loses it. */
export interface DaemonLock {
  release(): void;
}

/** Take the folder. Throws daemon_running with the holder’s pid. What a dead process left is taken over. */
export function lockDaemon(path: string): DaemonLock {
  for (let tries = 0; ; tries++) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeFileSync(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
      closeSync(file);
      return { release: () => rmSync(path, { force: true }) };
    } catch (error) {
      const holder = runningDaemon(path);
      if (holder !== undefined) {
        throw new ContractError(
          'daemon_running',
          `berth up runs on this state folder already, as pid ${holder.pid}`,
          { cause: error, details: { pid: holder.pid } },
        );
      }
      if (tries > 3)
        throw new ContractError(
          'database_failed',
          `${path} cannot be written: ${error instanceof Error ? error.message : ''}`,
          { cause: error },
        );
      rmSync(path, { force: true });
    }
  }
}

/** The daemon that holds the folder, if it lives. A pid that was given to another process since does not count. */
export function runningDaemon(path: string): DaemonInfo | undefined {
  if (!existsSync(path)) return undefined;
  const parsed = lockFile.safeParse(readJson(path));
  if (!parsed.success) return undefined;
  const { pid, started } = parsed.data;
  return isAlive(pid) && startOf(pid) === started ? parsed.data : undefined;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process began, as its kernel counts it; '' where that cannot be told. A zombie has ended. */
function startOf(pid: number): string {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
