import type { Handlers } from '../../contracts/contract.ts';
import type { system } from '../../contracts/system.ts';
import type { ContainerParts } from './containers/parts.ts';
import { diskUsage } from './system/disk-usage.ts';
import { engineHandlers } from './system/engine-handlers.ts';
import { engineEvents } from './system/events.ts';
import { type Attendance, health } from './system/health.ts';

export interface SystemParts extends ContainerParts {
  /** Who works here, once somebody does. */
  readonly attendance: () => Attendance | undefined;
}

/** `userspace.docker:system` */
export function systemHandlers(parts: SystemParts): Handlers<typeof system> {
  return {
    ...engineHandlers(parts),
    df: diskUsage(parts),
    events: engineEvents(parts),
    stop_operation: async ({ operation_id }) => ({ stopped: parts.operations.stop(operation_id) }),
    health: health(parts),
  };
}
