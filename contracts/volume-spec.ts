import { z } from 'zod';
import { engineName } from './container-fields/texts.ts';
import { resourceLabels } from './resource-labels.ts';

/** What a volume is made of, its name aside. All of it can be left out. */
export const volumeFields = {
  driver: z.string().min(1).max(255).describe('Who keeps it: local (the default), or a plugin.').optional(),
  options: z
    .record(z.string().min(1).max(256), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .describe('Options of the driver, like `type: tmpfs, device: tmpfs, o: size=64m` of local.')
    .optional(),
  labels: resourceLabels.optional(),
};

/** A volume to make. */
export const volumeSpec = z.strictObject({
  name: engineName.describe('Its name on the engine.'),
  ...volumeFields,
});
export type VolumeSpec = z.infer<typeof volumeSpec>;
export type VolumeSettings = Omit<VolumeSpec, 'name' | 'labels'>;
