import { z } from 'zod';
import { byteStream } from '../byte-stream.ts';
import type { Method } from '../contract.ts';
import { reference } from './reference.ts';

const FOUND = ['not_found', 'ambiguous_name'] as const;
const ENGINE = [
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_failed',
  'engine_refused',
] as const;

const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/, 'a path without NUL')
  .describe('A path inside; a relative one begins at /. Running or not.');

/** What lies at a path inside a container. */
export const fileStat = z.object({
  name: z.string(),
  type: z.enum(['file', 'directory', 'symlink', 'other']),
  size: z.int().describe('Bytes.'),
  mode: z.int().describe('Permissions, as a number.'),
  modified_at: z.string().describe('RFC 3339.'),
  link_target: z.string().describe('Where a symlink leads, inside the container.').optional(),
});
export type FileStat = z.infer<typeof fileStat>;

/** Files of containers, and images of what they are. Those of others can be read, too. */
export const fileMethods = {
  stat_archive: {
    description: 'What lies at a path inside a container. A symlink is looked at itself.',
    input: z.strictObject({ id: reference, path }),
    output: fileStat,
    errors: [...FOUND, ...ENGINE, 'wrong_state', 'unsupported'],
    idempotent: true,
  },
  get_archive: {
    description:
      'What lies at a path inside a container as a tar, whose entries begin with its name. A symlink comes as a symlink.',
    input: z.strictObject({ id: reference, path }),
    output: z.object({ stat: fileStat, tar: byteStream.describe('The tar’s bytes.') }),
    errors: [...FOUND, ...ENGINE, 'interrupted', 'wrong_state', 'unsupported'],
    bytes: 'out',
    idempotent: true,
  },
  put_archive: {
    description: 'Unpack a tar into a folder of a container of ours, running or not.',
    input: z.strictObject({
      id: reference,
      path: path.describe('A folder inside, which is there.'),
      no_overwrite_dir_non_dir: z
        .boolean()
        .describe('Refuse to put a file in place of a folder, or the other way round.')
        .optional(),
      copy_uid_gid: z.boolean().describe('Keep the owners that the tar says. Default: root.').optional(),
      tar: byteStream.describe('The tar’s bytes; gzip, bzip2 and xz are fine.'),
    }),
    output: z.object({ id: z.string(), path: z.string() }),
    errors: [...FOUND, ...ENGINE, 'not_ours', 'wrong_state', 'unsupported', 'no_space'],
    bytes: 'in',
    idempotent: true,
  },
  export: {
    description: 'The whole file system of a container as a tar, without its volumes.',
    input: z.strictObject({ id: reference }),
    output: z.object({ id: z.string(), tar: byteStream.describe('The tar’s bytes.') }),
    errors: [...FOUND, ...ENGINE, 'interrupted', 'wrong_state', 'unsupported'],
    bytes: 'out',
    idempotent: true,
  },
  changes: {
    description: 'What differs in its file system from its image. Volumes are not looked into.',
    input: z.strictObject({ id: reference }),
    output: z.object({
      changes: z.array(z.object({ path: z.string(), kind: z.enum(['modified', 'added', 'deleted']) })),
    }),
    errors: [...FOUND, ...ENGINE, 'wrong_state', 'unsupported'],
    idempotent: true,
  },
  commit: {
    description: 'Make an image of what a container of ours is now, without its volumes.',
    input: z.strictObject({
      id: reference,
      image: z
        .string()
        .min(1)
        .max(512)
        .regex(/^[^\s\0]+$/, 'an image reference without spaces')
        .describe('Its name: REPOSITORY or REPOSITORY:TAG. Left out: an image without a name.')
        .optional(),
      author: z.string().max(512).optional(),
      comment: z.string().max(4096).optional(),
      pause: z.boolean().describe('Freeze it meanwhile. Default: true.').optional(),
      changes: z
        .array(
          z
            .string()
            .min(1)
            .max(8192)
            .regex(/^[^\0\r\n]+$/, 'one line'),
        )
        .max(200)
        .describe(
          'Lines of a Dockerfile to go with it: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME, WORKDIR …',
        )
        .optional(),
    }),
    output: z.object({
      image_id: z.string(),
      image: z.string().describe('Its full name, when it has one.').optional(),
    }),
    errors: [...FOUND, ...ENGINE, 'not_ours', 'wrong_state', 'unsupported', 'no_space'],
    idempotent: false,
  },
} as const satisfies Record<string, Method>;
