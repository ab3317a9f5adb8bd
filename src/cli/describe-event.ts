import type { ContainerEvent } from '../../contracts/events.ts';
import { printableLine } from './printable.ts';

/** One event as one line for people. */
export function describeEvent(event: ContainerEvent): string {
  switch (event.type) {
    case 'log':
      return `${event.stream === 'stderr' ? '! ' : '| '}${printableLine(event.line)}`;
    case 'status':
      return [
        event.status,
        event.exit_code === undefined ? '' : `exit code ${event.exit_code}`,
        event.health === undefined || event.health === 'none' ? '' : event.health,
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
    case 'done':
      return 'done';
  }
}
