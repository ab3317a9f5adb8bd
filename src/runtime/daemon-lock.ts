import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ContractError } from '../../contracts/contract-error.ts';

const lockFile = z.object({ pid: z.int().min(1), started: z.string() });
export type DaemonInfo = z.infer<typeof lockFile>;

/** This process’s hold on a state folder; a process that dies loses it. */
export interface DaemonLock {
  release(): void;
}

/**
 * Take the folder: `hold` is the lock, the file at `path` says who has it. Throws daemon_running with the holder’s pid, database_failed
 * when the file cannot be written.
 */
export function lockDaemon(path: string, hold: (path: string) => DaemonLock | undefined): DaemonLock {
  const held = hold(`${path}.lock`);
  if (held === undefined) throw alreadyRunning(path);
  try {
    const whole = `${path}.new`;
    writeFileSync(whole, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }), {
      mode: 0o600,
    });
    renameSync(whole, path);
  } catch (error) {
    held.release();
    throw new ContractError(
      'database_failed',
      `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  return {
    release: () => {
      rmSync(path, { force: true });
      held.release();
    },
  };
}

function alreadyRunning(path: string): ContractError {
  const pid = runningDaemon(path)?.pid;
  return pid === undefined
    ? new ContractError('daemon_running', 'berth up begins or ends on this state folder just now', {
        next: 'Try again in a moment.',
      })
    : new ContractError('daemon_running', `berth up runs on this state folder already, as pid ${pid}`, {
        details: { pid },
      });
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
