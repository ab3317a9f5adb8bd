import { z } from 'zod';
import { resourceLabels } from '../resource-labels.ts';
import { byteSize } from '../units.ts';
import { envName, envValue, hostEntry, hostPath } from './texts.ts';

const NEVER_UP = /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\0\r\n\\]+$/;
const contextPath = z
  .string()
  .min(1)
  .max(4096)
  .regex(NEVER_UP, 'a path within the context, without .. and without a slash before it');
const absolutePath = z
  .string()
  .max(4096)
  .regex(/^\/[^\0\r\n]*$/, 'an absolute path');

/** A file or folder that goes into the context beside what is there. */
export const buildFile = z
  .strictObject({
    path: contextPath.describe('Where it is in the context.'),
    from: absolutePath.describe('A file or folder of Berth’s machine.').optional(),
    content: z.string().max(4_194_304).describe('Or its text.').optional(),
    mode: z.int().min(0).max(0o7777).describe('Its permissions; default 0644, or as they are.').optional(),
  })
  .refine(({ from, content }) => (from === undefined) !== (content === undefined), 'say `from` or `content`');
export type BuildFile = z.infer<typeof buildFile>;

/** What is built, as a call and as an entry’s `build:` say it. */
export const buildSource = {
  dockerfile: z
    .string()
    .min(1)
    .max(1_048_576)
    .describe('The Dockerfile’s text.')
    .refine(
      (text) => text.includes('\n') || /^\s*[A-Za-z]+\s+\S/.test(text),
      'this is the Dockerfile’s text; a path within the context goes into `file`',
    )
    .optional(),
  file: contextPath.describe('The Dockerfile within the context. Default: Dockerfile.').optional(),
  files: z.array(buildFile).max(10_000).describe('What goes into the context beside it.').optional(),
  build_args: z.record(envName, envValue).describe('Values for the Dockerfile’s ARGs.').optional(),
  target: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'the name or number of a stage')
    .describe('The stage to build. Default: the last.')
    .optional(),
  platform: z
    .string()
    .regex(/^[a-z0-9_]+(\/[a-z0-9_]+){0,2}$/, 'like linux/arm64')
    .describe('Default: the engine’s own.')
    .optional(),
  cache_from: z
    .array(z.string().min(1).max(512))
    .max(64)
    .describe('Images whose layers may be used.')
    .optional(),
  no_cache: z.boolean().describe('Do every step anew.').optional(),
  pull: z.boolean().describe('Ask the registry for newer base images.').optional(),
  labels: resourceLabels.optional(),
  shm_size: byteSize.describe('Size of /dev/shm in the steps.').optional(),
  network: z
    .enum(['default', 'none', 'host'])
    .describe('The network of the steps. Default: the engine’s own for builds.')
    .optional(),
  extra_hosts: z
    .array(hostEntry)
    .max(1024)
    .describe('Names for addresses in the steps: name:address; host-gateway is the engine’s machine.')
    .optional(),
  builder: z
    .enum(['buildkit', 'classic'])
    .describe('Default: BuildKit where the engine has it, else the classic builder.')
    .optional(),
} as const;

export const secretId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'letters, digits and _.-');

/** An image that is built before its container is made. */
export const containerBuild = z
  .union([
    hostPath,
    z.strictObject({
      context: hostPath.describe('The folder; its .dockerignore holds.').optional(),
      ...buildSource,
      secrets: z
        .array(z.strictObject({ id: secretId, file: hostPath.describe('The file that has it.') }))
        .max(64)
        .describe(
          'For `RUN --mount=type=secret,id=…`. Needs BuildKit. What a file holds is kept nowhere, and a change of it alone builds nothing anew.',
        )
        .optional(),
      hash: z
        .string()
        .regex(/^[0-9a-f]{32}$/)
        .describe('What the context holds and how it is built, in one word. Berth fills it in.')
        .optional(),
    }),
  ])
  .transform((given) => (typeof given === 'string' ? { context: given } : given))
  .refine((given) => !('secrets' in given) || given.secrets === undefined || given.builder !== 'classic', {
    path: ['secrets'],
    message: 'the classic builder knows no secrets',
  })
  .describe(
    'Build the image before the container is made, and anew when the folder or what is said here changes: a folder, or `context` and how to build it. `image` is then the name that it gets.',
  );
export type ContainerBuild = z.output<typeof containerBuild>;
