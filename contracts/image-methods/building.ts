import { z } from 'zod';
import { byteStream } from '../byte-stream.ts';
import { buildSource, secretId } from '../container-fields/build-source.ts';
import type { Method } from '../contract.ts';
import { wireError } from '../contract-error.ts';
import { streamTarget } from '../events.ts';
import { byteSize } from '../units.ts';
import { registryAuth } from './registry-auth.ts';

const tag = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'a tag: letters, digits and _.-');
const absolutePath = z
  .string()
  .max(4096)
  .regex(/^\/[^\0\r\n]*$/, 'an absolute path');

export const buildSecret = z
  .strictObject({
    id: secretId,
    value: z.string().max(512_000).optional(),
    file: absolutePath.describe('A file of Berth’s machine that has it.').optional(),
  })
  .refine(({ value, file }) => (value === undefined) !== (file === undefined), 'say `value` or `file`');

export const BUILD_STATUSES = ['pending', 'building', 'succeeded', 'failed'] as const;
export type BuildStatus = (typeof BUILD_STATUSES)[number];

export const buildRequest = z
  .strictObject({
    name: z.string().min(1).max(256).describe('The image’s name: `[registry[:port]/]path`.'),
    tag: tag.describe('Default: latest.').optional(),
    tags: z.array(tag).min(1).max(64).describe('Several at once.').optional(),
    ...buildSource,
    context: absolutePath.describe('A folder of Berth’s machine; its .dockerignore holds.').optional(),
    tar: byteStream.describe('Or the context as a tar, plain or packed by gzip, bzip2 or xz.').optional(),
    remote: z
      .string()
      .max(2048)
      .regex(/^(https?:\/\/|git:\/\/|git@|github\.com\/)[^\s\0]+$/, 'an address of git or http')
      .describe('A git repository, a tar or a Dockerfile that the engine fetches.')
      .optional(),
    quiet: z.boolean().describe('No lines of the steps, only what becomes of them.').optional(),
    rm: z.boolean().describe('Classic builder: remove containers in between. Default: true.').optional(),
    force_rm: z.boolean().describe('Classic builder: also after a failure.').optional(),
    memory: byteSize.describe('Classic builder: memory of a step.').optional(),
    memory_swap: z
      .union([byteSize, z.literal(-1)])
      .describe('Classic builder: memory and swap together; -1 is swap without limit. Default: as `memory`.')
      .optional(),
    cpu: z
      .strictObject({
        shares: z.int().min(2).optional(),
        set: z
          .string()
          .regex(/^[\d,-]+$/, 'like 0-3,5')
          .optional(),
        period: z.int().min(1000).describe('Microseconds.').optional(),
        quota: z.int().min(1000).describe('Microseconds.').optional(),
      })
      .describe('Classic builder: CPU of a step.')
      .optional(),
    secrets: z
      .array(buildSecret)
      .max(64)
      .describe('For `RUN --mount=type=secret,id=…`. Needs BuildKit.')
      .optional(),
    auth: z
      .record(z.string().min(1).max(256), registryAuth)
      .describe('Who we are to registries of base images, by registry. It is forgotten when the build ends.')
      .optional(),
    stream: streamTarget.describe('Where its events go.').optional(),
  })
  .superRefine((request, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    const { dockerfile, context: folder, remote, file, files, tag: one, tags } = request;
    const { tar } = request;
    if ((dockerfile ?? folder ?? remote ?? tar) === undefined)
      refuse('dockerfile', 'say `dockerfile` (its text), `context` (a folder), `tar` or `remote`');
    if (tar !== undefined && (dockerfile ?? folder ?? remote ?? files?.[0]) !== undefined)
      refuse('tar', 'all of it is in the tar; leave out `dockerfile`, `context`, `files` and `remote`');
    if (remote !== undefined && (dockerfile ?? folder ?? files?.[0]) !== undefined)
      refuse('remote', 'the engine fetches all of it; leave out `dockerfile`, `context` and `files`');
    if (dockerfile !== undefined && file !== undefined) refuse('file', 'say `dockerfile` or `file`');
    if (one !== undefined && tags !== undefined) refuse('tags', 'say `tag` or `tags`');
    if (request.secrets !== undefined && request.builder === 'classic')
      refuse('secrets', 'the classic builder knows no secrets');
  });
export type BuildRequest = z.infer<typeof buildRequest>;

const buildId = z.string().regex(/^build_[0-9A-Z]{26}$/, 'build_…');

/** Builds images. */
export const imageBuildingMethods = {
  build: {
    description:
      'Build an image. Answers at once: events tell how it goes (`log`, `step`, one `done`), `build_status` what came of it. A build that is interrupted by the end of its worker is begun once more.',
    input: buildRequest,
    output: z.object({
      build_id: z.string(),
      status: z.enum(BUILD_STATUSES),
      names: z.array(z.string()).describe('The names that it will have.'),
    }),
    errors: ['invalid_input', 'unsupported', 'engine_unreachable', 'engine_timeout'],
    idempotent: false,
  },
  build_status: {
    description: 'What became of a build.',
    input: z.strictObject({
      build_id: buildId,
      wait: z.boolean().describe('Answer when it has ended.').optional(),
      tail: z.int().min(0).max(10_000).describe('So many of its last lines. Default: 100.').optional(),
    }),
    output: z.object({
      build_id: z.string(),
      status: z.enum(BUILD_STATUSES),
      names: z.array(z.string()),
      image_id: z.string().describe('Of what was built.').optional(),
      attempt: z.int().min(0).describe('2: its first worker died.'),
      error: wireError.describe('Why it failed.').optional(),
      created_at: z.string().describe('RFC 3339.'),
      started_at: z.string().optional(),
      ended_at: z.string().optional(),
      log: z.array(z.string()).describe('Its last lines.'),
    }),
    errors: ['not_found'],
    idempotent: true,
  },
} as const satisfies Record<string, Method>;
