import type { Health, Status, StatusEvent, StatusReason } from '../../../contracts/events.ts';
import type { ContainerRow, ProgressPatch } from '../../store/container-row.ts';
import type { NewEvent } from '../../store/journal.ts';

export interface StatusReport {
  readonly status: Status;
  readonly health: Health;
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
  row: Pick<ContainerRow, 'status' | 'health' | 'reason' | 'exit_code'>,
  told_last: StatusEvent | undefined,
  add: (events: readonly NewEvent[]) => void,
  now: () => string,
): StatusReporter {
  // A pending row begins a new chapter: its status is told even though the row says it already.
  let last = row.status === 'pending' ? '' : keyOf(told_last ?? row);
  let told = false;
  return {
    report: (report) => {
      const { status, health, exit_code, reason, attempt, again = false } = report;
      const key = keyOf(report);
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
          ...(typeof exit_code === 'number' && { exit_code }),
          ...(reason && { reason }),
        },
      ]);
    },
  };
}

function keyOf({
  status,
  health = 'none',
  exit_code,
  reason,
}: {
  readonly status: Status;
  readonly health?: Health | undefined;
  readonly exit_code?: number | null | undefined;
  readonly reason?: StatusReason | null | undefined;
}): string {
  return JSON.stringify([status, health, reason?.message ?? null, exit_code ?? null]);
}
