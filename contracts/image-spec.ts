import { z } from 'zod';

/** What a declared image says beside its name. */
export const imageFields = {
  platform: z
    .string()
    .max(128)
    .regex(/^[a-z0-9]+(\/[a-z0-9_]+(\/[a-z0-9]+)?)?$/, 'like linux/arm64 or linux/arm/v7')
    .describe('For which machine. Default: the engine’s own.')
    .optional(),
  pull_policy: z
    .enum(['missing', 'always'])
    .describe('When it is pulled: if it is missing (the default), or also each time Berth starts.')
    .optional(),
};

export const imageSpec = z.strictObject({ name: z.string().min(1).max(512), ...imageFields });
export type ImageSpec = z.infer<typeof imageSpec>;
