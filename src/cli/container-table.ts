import type { ContainerView } from '../../contracts/container-view.ts';
import { age } from './age.ts';
import { formatBytes } from './format-bytes.ts';
import { formatPorts } from './ports.ts';
import { table } from './table.ts';

const MOST_OF_A_REASON = 80;

/** What `berth ps` and `berth up` show of containers. */
export function containerTable(containers: readonly ContainerView[], now: number): string {
  const sized = containers.some(({ size_total }) => size_total !== undefined);
  const rows = containers.map((view) => [
    view.name,
    view.image,
    describe(view, now),
    formatPorts(view.ports),
    ...(sized ? [sizeOf(view)] : []),
    view.id,
  ]);
  return table(['NAME', 'IMAGE', 'STATUS', 'PORTS', ...(sized ? ['SIZE'] : []), 'ID'], rows);
}

/** What it wrote itself, and with its image. */
function sizeOf({ size_written, size_total }: ContainerView): string {
  return size_total === undefined ? '' : `${formatBytes(size_written ?? 0)} of ${formatBytes(size_total)}`;
}

function describe(view: ContainerView, now: number): string {
  const parts: string[] = [view.status];
  if (view.status === 'running' && view.started_at) parts[0] = `running for ${age(view.started_at, now)}`;
  if (view.engine_state === 'created' && view.status === 'stopped') parts.push('never started');
  if (view.exit_code !== undefined && (view.status === 'stopped' || view.status === 'failed'))
    parts.push(`exit code ${view.exit_code}`);
  if (view.health && view.health !== 'none') parts.push(view.health);
  if (view.managed && view.status === 'running' && view.ready === false) parts.push('not ready');
  if (view.reason) parts.push(shortened(view.reason.message));
  if (view.next_attempt_at) parts.push(`next try at ${view.next_attempt_at.slice(11, 19)}`);
  if (view.stale) parts.push('stale: the engine does not answer');
  if (!view.managed) parts.push('not ours');
  return parts.join(', ');
}

/** The table stays a table; the whole reason is in `--json` and in what `up` says. */
function shortened(text: string): string {
  return text.length <= MOST_OF_A_REASON ? text : `${text.slice(0, MOST_OF_A_REASON - 1)}…`;
}
