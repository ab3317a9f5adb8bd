import type { Health, Status, StatusEvent, StatusReason } from '../../../contracts/events.ts';
import type { ContainerRow, ProgressPatch } from '../../store/container-row.ts';
import type { NewEvent } from '../../store/journal.ts';

export interface StatusReport {
  readonly status: Status;
  readonly health: Health;
  readonly ready?: boolean | undefined;
  readonly exit_code?: ProgressPatch['exit_code'];
  readonly reason?: ProgressPatch['reason'];
  readonly attempt: number;
  /** Told even when it is as before, unless this reporter told it. */
  readonly again?: boolean;
}

/** Tells the statuses of one row while it is worked on, each once. */
export interface StatusReporter {
  report(report: StatusReport): void;
}

/** `told_last`: what the journal says of it; left out, it is what the row says. */
export function statusReporter(
  row: Pick<ContainerRow, 'status' | 'health' | 'ready' | 'reason' | 'exit_code' | 'spec'>,
  told_last: StatusEvent | undefined,
  add: (events: readonly NewEvent[]) => void,
  now: () => string,
): StatusReporter {
  // A pending row begins a new chapter: its status is told even though the row says it already.
  const isLookedAt = row.spec.probes !== undefined;
  let last =
    row.status === 'pending' ? '' : keyOf(told_last ?? { ...row, ready: toldReady(row, isLookedAt) });
  let told = false;
  return {
    report: (report) => {
      const { status, health, exit_code, reason, attempt, again = false } = report;
      const ready = toldReady(report, isLookedAt);
      const key = keyOf({ ...report, ready });
      if (key === last && (!again || told)) return;
      last = key;
      told = true;
      add([
        {
          type: 'status',
          attempt,
          ts: now(),
          status,
          ...(health !== 'none' && { health }),
          ...(ready !== undefined && { ready }),
          ...(typeof exit_code === 'number' && { exit_code }),
          ...(reason && { reason }),
        },
      ]);
    },
  };
}

/** Of what runs and has nothing that could say otherwise, nothing is said. */
function toldReady(
  { status, health, ready }: Pick<StatusReport, 'status' | 'health' | 'ready'>,
  isLookedAt: boolean,
): boolean | undefined {
  return status === 'running' && (isLookedAt || health !== 'none') ? ready : undefined;
}

function keyOf({
  status,
  health = 'none',
  ready,
  exit_code,
  reason,
}: {
  readonly status: Status;
  readonly health?: Health | undefined;
  readonly ready?: boolean | undefined;
  readonly exit_code?: number | null | undefined;
  readonly reason?: StatusReason | null | undefined;
}): string {
  return JSON.stringify([status, health, ready ?? null, reason?.message ?? null, exit_code ?? null]);
}
