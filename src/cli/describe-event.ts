import type { BerthEvent } from '../../contracts/berth-event.ts';
import { formatBytes } from './format-bytes.ts';
import { printableLine } from './printable.ts';

/** One event as one line for people. */
export function describeEvent(event: BerthEvent): string {
  switch (event.type) {
    case 'log':
      return `${event.stream === 'stderr' ? '! ' : '| '}${printableLine(event.line)}`;
    case 'status':
      return [
        event.status,
        event.exit_code === undefined ? '' : `exit code ${event.exit_code}`,
        event.health === undefined || event.health === 'none' ? '' : event.health,
        event.ready === false ? 'not ready' : '',
        event.reason?.message ?? '',
      ]
        .filter(Boolean)
        .join(', ');
    case 'progress':
      return `${event.phase} ${event.image} ${event.total > 0 ? `${Math.floor((100 * event.current) / event.total)}%` : ''}`.trimEnd();
    case 'gap':
      return event.count === undefined
        ? `(lines are missing here: ${event.reason})`
        : `(${event.count} events are missing here: ${event.reason})`;
    case 'step':
      return `${event.status} ${event.name}${event.duration_ms === undefined ? '' : ` ${(event.duration_ms / 1000).toFixed(1)}s`}${event.message === undefined ? '' : `: ${event.message}`}`;
    case 'stats':
      return event.sample === undefined
        ? `${event.name} ${event.gap === 'not_found' ? 'is not there' : 'does not run'}`
        : `${event.name} cpu ${event.sample.cpu_percent.toFixed(1)}% memory ${formatBytes(event.sample.memory_usage)}`;
    case 'engine':
      return `${event.object} ${event.action} ${event.name ?? event.engine_id}`;
    case 'done':
      return 'outcome' in event && event.error !== undefined
        ? `${event.outcome}: ${event.error.message}`
        : 'done';
  }
}
