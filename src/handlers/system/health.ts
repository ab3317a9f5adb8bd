import type { Handlers } from '../../../contracts/contract.ts';
import type { system } from '../../../contracts/system.ts';
import type { SystemHealth } from '../../../contracts/system-health.ts';
import type { ContainerParts } from '../containers/parts.ts';

/** Who works in this house, and what they know of the engine. */
export interface Attendance {
  /** Whether the engine answered last time. */
  answers(): boolean;
  /** Milliseconds since it was last heard. */
  age(): number;
  /** Worker processes that should be there; 0: this one does their work. */
  readonly wanted: number;
  pids(): readonly number[];
}

interface Parts extends Pick<ContainerParts, 'engine' | 'store' | 'journal' | 'clock' | 'engineAnswers'> {
  readonly attendance: () => Attendance | undefined;
}

/** A container that nobody saw on the engine for so long is stale. */
const STALE_MS = 30_000;
/** A container that was due so long ago is one that nobody looks at. */
const OVERDUE_MS = 30_000;
const ENGINE_SILENT_MS = 30_000;

export function health(parts: Parts): Handlers<typeof system>['health'] {
  const { store, journal, clock } = parts;
  return async () => {
    const now = clock.now();
    const [engine, database, log] = await Promise.all([
      engineHealth(parts),
      timed(() => store.gauge(now, now - STALE_MS)),
      timed(() => journal.state('system:health')),
    ]);
    const workers = workersHealth(parts.attendance());
    const { queue, stale = 0, operations = 0, resources } = database.value ?? {};
    const waiting = queue ?? { due: 0, oldest_due_ms: 0, claimed: 0, retrying: 0, failed: 0, total: 0 };
    const problems = [
      ...(engine.ok ? [] : [`engine: ${engine.message}`]),
      ...(workers.ok ? [] : [`workers: ${workers.message}`]),
      ...(database.ok ? [] : [`database: ${database.message}`]),
      ...(log.ok ? [] : [`journal: ${log.message}`]),
      ...(waiting.oldest_due_ms > OVERDUE_MS
        ? [`queue: a container waits for ${Math.round(waiting.oldest_due_ms / 1000)} s`]
        : []),
      ...(resources !== undefined && resources.failed > 0
        ? [`resources: ${resources.failed} cannot be made as declared`]
        : []),
    ];
    return {
      healthy: problems.length === 0,
      problems,
      checked_at: new Date(now).toISOString(),
      engine,
      workers,
      database: { ok: database.ok, message: database.message, latency_ms: database.latency_ms },
      journal: { ok: log.ok, message: log.message, latency_ms: log.latency_ms },
      queue: waiting,
      stale,
      operations,
      resources: resources ?? { pending: 0, failed: 0 },
    };
  };
}

async function engineHealth({ attendance, engineAnswers }: Parts): Promise<SystemHealth['engine']> {
  const here = attendance();
  const answers = here === undefined ? await engineAnswers() : here.answers();
  const age = here?.age();
  const known = age === undefined ? {} : { age_ms: age };
  if (!answers) return { ok: false, message: 'it does not answer', ...known };
  return age !== undefined && age > ENGINE_SILENT_MS
    ? { ok: false, message: `nothing was heard of it for ${Math.round(age / 1000)} s`, ...known }
    : { ok: true, message: 'OK', ...known };
}

function workersHealth(here: Attendance | undefined): SystemHealth['workers'] {
  if (here === undefined) return { ok: false, message: 'no `berth up` runs', wanted: 0, pids: [] };
  const pids = [...here.pids()];
  const missing = here.wanted - pids.length;
  return {
    ok: missing <= 0,
    message: missing <= 0 ? 'OK' : `${missing} of ${here.wanted} are not there`,
    wanted: here.wanted,
    pids,
  };
}

async function timed<T>(work: () => T | Promise<T>): Promise<{
  readonly ok: boolean;
  readonly message: string;
  readonly latency_ms: number;
  readonly value?: T;
}> {
  const began = performance.now();
  try {
    const value = await work();
    return { ok: true, message: 'OK', latency_ms: performance.now() - began, value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, message, latency_ms: performance.now() - began };
  }
}
