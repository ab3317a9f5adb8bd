import type { SystemCalls } from '../port/system-calls.ts';
import { worldEvents } from './changes.ts';
import type { World } from './world.ts';

/** The engine itself: it is always there, and tells what happens in its world. */
export function systemCalls(world: World): SystemCalls {
  return {
    ping: async () => ({ engine: 'memory', api: '1.45', os: 'linux', architecture: 'amd64' }),
    events: (signal) => worldEvents(world, signal),
  };
}
