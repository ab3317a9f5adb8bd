import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

const PING_MS = 5000;

export interface RunningEngine {
  readonly pid: number;
  readonly host: string;
  /** Where dockerd writes its log. */
  readonly log: string;
}

/** The places below an engine’s state folder. */
export function placesOf(state: string): {
  readonly data: string;
  readonly exec: string;
  readonly pidfile: string;
  readonly log: string;
} {
  return {
    data: join(state, 'data'),
    exec: join(state, 'exec'),
    pidfile: join(state, 'dockerd.pid'),
    log: join(state, 'dockerd.log'),
  };
}

/** The engine that runs on that state, whether it answers or not; undefined when none does. */
export function engineOf(state: string, socket: string): RunningEngine | undefined {
  const { pidfile, log } = placesOf(state);
  if (!existsSync(pidfile)) return undefined;
  const pid = Number(readFileSync(pidfile, 'utf8').trim());
  return Number.isSafeInteger(pid) && pid > 1 && isEngine(pid, state)
    ? { pid, host: `unix://${socket}`, log }
    : undefined;
}

/** Whether that process is the dockerd of that state: a pid may have been given to another program since. A zombie has ended. */
export function isEngine(pid: number, state: string): boolean {
  const words = commandOf(pid);
  return words[0]?.endsWith('dockerd') === true && words.includes(placesOf(state).data);
}

/** The command line of a process that lives; empty for one that has ended. */
export function commandOf(pid: number): readonly string[] {
  try {
    // One that nobody has reaped yet has an empty one.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

/** Whether an engine answers at that socket. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path: '/_ping', timeout: PING_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
}
