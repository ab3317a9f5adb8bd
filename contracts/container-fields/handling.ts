import { z } from 'zod';
import { containerBuild } from './build-source.ts';
import { hostPath, options, token } from './texts.ts';

/** Where it comes from, and how the engine keeps it. */
export const handlingFields = {
  platform: z
    .string()
    .max(128)
    .regex(/^[a-z0-9]+(\/[a-z0-9_]+(\/[a-z0-9]+)?)?$/, 'like linux/arm64 or linux/arm/v7')
    .describe('Which of an image’s platforms to run. Default: the engine’s own.')
    .optional(),
  build: containerBuild.optional(),
  pull_policy: z
    .enum(['missing', 'always', 'never'])
    .describe(
      'When the image is pulled: if it is missing (the default), each time a container is made, or never.',
    )
    .optional(),
  logging: z
    .strictObject({
      driver: token.describe('Default: one that Berth can read, and that is bounded.').optional(),
      options: options.describe('Options of the driver, like max-size: 10m.').optional(),
    })
    .describe('Where the engine keeps its log. What cannot be read back (none, syslog …) is not followed.')
    .optional(),
  annotations: z
    .record(
      z
        .string()
        .min(1)
        .max(512)
        .regex(/^[^\0\r\n=]+$/, 'a name without =, on one line'),
      z
        .union([z.string(), z.number(), z.boolean()])
        .transform(String)
        .pipe(z.string().regex(/^[^\0]*$/, 'text without NUL')),
    )
    .describe('Metadata for the runtime. Needs API 1.43.')
    .optional(),
  auto_remove: z
    .boolean()
    .describe('Remove it once it has ended and no restart is due; its log stays until retention ends.')
    .optional(),
} as const;

/** A file of variables, or several; what `env` says wins. Read when the container is asked for. */
export const envFile = z
  .union([hostPath, z.array(hostPath).min(1).max(32)])
  .describe('Files with a NAME=value on each line. What `env` says wins.');
