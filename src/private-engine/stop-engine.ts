import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import { engineOf, isEngine } from './engine-process.ts';
import { endLeftovers } from './leftovers.ts';

const ASKED_MS = 60_000;
const KILLED_MS = 10_000;

/**
 * Stop the engine of that state by its pid: asked first; when it does not end, it is killed and what it left is ended too.
 * Its containers end with it, unless it was started with --live-restore. Nothing happens when none runs.
 */
export async function stopEngine(state: string, socket: string): Promise<void> {
  const running = engineOf(state, socket);
  if (running === undefined) return;
  tell(running.pid, 'SIGTERM');
  if (!(await ended(running.pid, state, ASKED_MS))) await killEngine(running.pid, state);
  rmSync(socket, { force: true });
}

async function killEngine(pid: number, state: string): Promise<void> {
  tell(pid, 'SIGKILL');
  if (!(await ended(pid, state, KILLED_MS)))
    throw new ContractError('engine_failed', `dockerd (pid ${pid}) cannot be killed`);
  await endLeftovers(state);
}

async function ended(pid: number, state: string, within: number): Promise<boolean> {
  const end = performance.now() + within;
  while (isEngine(pid, state)) {
    if (performance.now() > end) return false;
    await pause(50);
  }
  return true;
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
