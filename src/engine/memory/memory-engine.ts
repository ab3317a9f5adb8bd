import type { Engine } from '../engine.ts';
import { parseImageReference } from '../image-reference.ts';
import { containerCalls } from './container-calls.ts';
import type { Control } from './control.ts';
import { newFaults } from './faults.ts';
import { fileCalls } from './file-calls.ts';
import { guarded } from './guarded.ts';
import { imageCalls } from './image-calls.ts';
import { networkCalls } from './network-calls.ts';
import { noBuilds } from './no-builds.ts';
import { sessionCalls } from './session-calls.ts';
import { systemCalls } from './system-calls.ts';
import { volumeCalls } from './volume-calls.ts';
import { newWorld } from './world.ts';

export interface MemoryEngine extends Engine {
  readonly control: Control;
  /** How often each method was called: `containers.create`. */
  counts(): Readonly<Record<string, number>>;
}

/**
 * An engine behind the port that keeps everything in this process and runs nothing: for what needs an engine’s rules but not its
 * containers. What only a real process could do is `unsupported`. `registry` is what a pull finds at first.
 */
export function openMemoryEngine({
  registry = ['alpine:latest', 'busybox:latest'],
  now = Date.now,
}: {
  readonly registry?: readonly string[];
  readonly now?: () => number;
} = {}): MemoryEngine {
  const world = newWorld(registry, now);
  const faults = newFaults();
  const containers = containerCalls(world);
  return {
    containers: guarded('containers', containers, faults),
    images: guarded('images', imageCalls(world), faults),
    builds: guarded('builds', noBuilds, faults),
    networks: guarded('networks', networkCalls(world), faults),
    volumes: guarded('volumes', volumeCalls(world), faults),
    files: guarded('files', fileCalls(containers.inspect), faults),
    sessions: guarded('sessions', sessionCalls(world), faults),
    system: guarded('system', systemCalls(world), faults),
    control: {
      ...faults.control,
      publish: async (ref) => void world.registry.add(parseImageReference(ref).text),
    },
    counts: faults.counts,
    close: async () => {
      faults.close();
      for (const container of world.containers.values()) container.end?.();
    },
  };
}
