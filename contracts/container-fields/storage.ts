import { z } from 'zod';
import { byteSize } from '../units.ts';
import { containerPath, engineName, hostPath, options, token } from './texts.ts';

const below = z
  .string()
  .max(4096)
  .regex(/^[^\0\r\n/][^\0\r\n]*$/, 'a path below the volume, without a leading /')
  .refine((path) => !path.split('/').includes('..'), 'a path without ..');
const target = containerPath.describe('Where it appears inside.');
const read_only = z.boolean().describe('It cannot be written. Default: false.').optional();
const mode = z
  .union([z.int().min(0).max(0o7777), z.string().regex(/^0?[0-7]{3,4}$/, 'octal permissions like "1777"')])
  .transform((given) => (typeof given === 'number' ? given : Number.parseInt(given, 8)));

/** One mount, in the words of Compose’s long form. */
export const mount = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('bind'),
    source: hostPath.describe('A path of this machine.'),
    target,
    read_only,
    bind: z
      .strictObject({
        propagation: z.enum(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']).optional(),
        create_host_path: z
          .boolean()
          .describe('Make the path when it is missing. Default: false.')
          .optional(),
        non_recursive: z.boolean().describe('Without what is mounted below it.').optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('volume'),
    source: engineName
      .describe('A named volume, made if missing. Left out: one of its own, which goes with the container.')
      .optional(),
    target,
    read_only,
    volume: z
      .strictObject({
        nocopy: z.boolean().describe('Do not fill a new one with what the image has there.').optional(),
        subpath: below.describe('The part of the volume to mount. Needs API 1.45.').optional(),
        driver: token.describe('Who makes it; only of one without a name.').optional(),
        driver_opts: options.describe('Options of its driver; only of one without a name.').optional(),
        labels: options
          .refine(
            (labels) => !Object.keys(labels).some((label) => label.startsWith('berth.')),
            'labels that begin with `berth.` are reserved',
          )
          .describe('Only of one without a name; `berth.` is reserved.')
          .optional(),
        external: z
          .boolean()
          .describe('True: a volume of somebody else, which must be there. Default: ours, made if missing.')
          .optional(),
      })
      .optional(),
  }),
  z.strictObject({
    type: z.literal('tmpfs'),
    target,
    read_only,
    tmpfs: z
      .strictObject({
        size: byteSize.optional(),
        mode: mode.describe('Permissions, like "1777".').optional(),
      })
      .optional(),
  }),
]);
export type Mount = z.infer<typeof mount>;

const tmpfsText = z
  .string()
  .max(4096)
  .regex(/^\/[^\0:\r\n]*(:[A-Za-z0-9=,_%-]+)?$/, 'a path, or path:options like /run:size=64m,mode=1777');

/** A file that is put into a container. */
export const putFile = z.strictObject({
  target: containerPath.describe('Where it is inside.'),
  content: z.string().max(1_048_576).describe('Its text.'),
  mode: mode.describe('Permissions, like "0400". Default: 0444.').optional(),
  uid: z.int().min(0).max(4_294_967_294).describe('Its owner. Default: root.').optional(),
  gid: z.int().min(0).max(4_294_967_294).describe('Its group. Default: root.').optional(),
});
export type PutFile = z.infer<typeof putFile>;

/** File systems. */
export const storageFields = {
  mounts: z
    .array(mount)
    .max(512)
    .describe('Mounts with all their settings; `volumes` is the short form.')
    .optional(),
  tmpfs: z
    .union([tmpfsText, z.array(tmpfsText).max(64)])
    .describe('Paths in memory: PATH, or PATH:options.')
    .optional(),
  volumes_from: z
    .array(z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*(:(ro|rw))?$/, 'NAME, NAME:ro or NAME:rw'))
    .max(64)
    .describe('Containers of ours whose mounts it gets, too.')
    .optional(),
  volume_driver: token.describe('Who makes the volumes that its image wants.').optional(),
  files: z
    .array(putFile)
    .max(256)
    .describe('Files that are put into it before it is started. Not together with `read_only`.')
    .optional(),
  storage_opt: options.describe('Options of the engine’s storage driver, like size: 10g.').optional(),
} as const;
