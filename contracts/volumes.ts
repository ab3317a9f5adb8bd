import { z } from 'zod';
import { defineContract } from './contract.ts';

export const volumeView = z.object({
  name: z.string(),
  driver: z.string(),
  labels: z.record(z.string(), z.string()),
  managed: z.boolean().describe('False: it is not ours, and is only shown.'),
});
export type VolumeView = z.infer<typeof volumeView>;

/** `userspace.docker:volumes` */
export const volumes = defineContract({
  id: 'userspace.docker:volumes',
  description: 'Look at the volumes of the engine.',
  methods: {
    list: {
      description: 'The volumes of the engine, ours and others.',
      input: z.strictObject({
        labels: z
          .record(z.string(), z.string())
          .describe('All of them must match; an empty value matches any.')
          .optional(),
      }),
      output: z.object({ volumes: z.array(volumeView) }),
      errors: ['engine_unreachable'],
      idempotent: true,
    },
    inspect: {
      description: 'One volume, ours or not.',
      input: z.strictObject({ volume: z.string().min(1).max(255).describe('Its name.') }),
      output: volumeView,
      errors: ['not_found', 'engine_unreachable'],
      idempotent: true,
    },
  },
});
