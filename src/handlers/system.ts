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
    stop_operation: async ({ operation_id }) => {
      const stopped = parts.operations.stop(operation_id) || parts.store.builds.stop(operation_id);
      // A build is somebody else’s, who is told to look.
      if (stopped) parts.poke();
      return { stopped };
    },
    health: health(parts),
  };
}
