import type { VolumeSpec } from '../../../contracts/volume-spec.ts';
import { ensureVolume } from '../../engine/ensure-volume.ts';
import type { ResourceWork, ResourceWorkParts } from './resource-work.ts';

/** A declared volume: made, never made anew, and kept when its entry goes, since something is in it. */
export function volumeWork({ engine, identity }: ResourceWorkParts): ResourceWork {
  return {
    ensure: async ({ name, settings }, signal) => {
      const wanted: VolumeSpec = { name, ...(settings as Omit<VolumeSpec, 'name'>) };
      await ensureVolume(engine, identity, wanted, signal);
    },
    release: async () => true,
  };
}
