import { z } from 'zod';
import { containerPath, engineName, hostPath, options, token } from './texts.ts';

/** Who owns a volume: a user, and a group where there is one. */
export const volumeOwner = z
  .string()
  .max(256)
  .regex(/^[^\s:\0]+(:[^\s:\0]+)?$/, 'user, uid, user:group or uid:gid');

/** What may be done with it: `0750`, or as chmod takes it. */
export const volumePermissions = z
  .string()
  .max(256)
  .regex(
    /^([0-7]{3,4}|[ugoa]*([+=-][rwxXst]*)+(,[ugoa]*([+=-][rwxXst]*)+)*)$/,
    'octal like "0750", or as chmod takes it like u=rwX,g=rX,o=',
  );

const alias = z
  .string()
  .max(200)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'an alias of letters, digits and _.-');
const reference = z
  .string()
  .max(330)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'an alias, an entry, or entry.alias');
const access = z.enum(['ro', 'rw']);
export type Access = z.infer<typeof access>;

/** Names, each alone (read and write) or with `ro` or `rw`. */
function withAccess(name: typeof alias) {
  return z
    .union([name, z.record(name, access), z.array(z.union([name, z.record(name, access)])).max(200)])
    .transform((given): Record<string, Access> => {
      const parts = [given].flat().map((one) => (typeof one === 'string' ? { [one]: 'rw' as const } : one));
      return Object.assign({}, ...parts);
    });
}

const names = z
  .union([alias, z.array(alias).max(200)])
  .transform((given): string[] => [...new Set([given].flat())]);
const paths = z
  .union([containerPath, z.array(containerPath).max(200)])
  .transform((given): string[] => [...new Set([given].flat())]);
const bases = z
  .string()
  .max(330)
  .regex(
    /^([a-zA-Z][a-zA-Z0-9_.-]*:)?[a-zA-Z0-9][a-zA-Z0-9_.-]*$/,
    'the name of an entry, or namespace:name',
  );

/** What an entry shares and takes by the aliases of its namespace’s `docker.map`; resolved when it is read. */
export const mapUseFields = {
  binds: withAccess(alias)
    .describe('Paths of this machine by alias: [alias], or {alias: ro}. Default: rw.')
    .optional(),
  attaches: names.describe('Volumes by alias that it owns; others get at them with `uses`.').optional(),
  shares: paths.describe('Paths inside that it shares, too, without an alias.').optional(),
  uses: withAccess(reference)
    .describe(
      'What others share: an alias that somebody attaches, an entry (all that it shares), or entry.alias. They are started first.',
    )
    .optional(),
  permissions: volumePermissions
    .describe('Of the volumes that it attaches, which belong to its `user`: "0750", or u=rwX,g=rX,o=.')
    .optional(),
} as const;

/** How an entry comes from others. */
export const templateFields = {
  abstract: z.boolean().describe('True: it is only there to be extended, and never runs.').optional(),
  extends: z
    .union([bases, z.array(bases).min(1).max(50)])
    .transform((given): string[] => [given].flat())
    .describe(
      'Entries that it begins from, in order: a name of its namespace, or namespace:name. Plain values are overridden, lists united, maps merged by key.',
    )
    .optional(),
} as const;

const volumeAlias = z.strictObject({
  path: containerPath.describe('Where it appears inside.'),
  owner: volumeOwner.describe('Default: the `user` of the one that attaches it.').optional(),
  permissions: volumePermissions.describe('Default: those of the one that attaches it.').optional(),
  name: engineName.describe('The volume’s name. Default: MAP.ALIAS.').optional(),
  driver: token.describe('Who keeps it. Default: local.').optional(),
  options: options.describe('Options of the driver.').optional(),
});

/** The words of a namespace: what its entries mean by an alias, and by an image without a registry. */
export const mapFields = {
  volumes: z
    .record(
      alias,
      z.union([containerPath.transform((path): z.infer<typeof volumeAlias> => ({ path })), volumeAlias]),
    )
    .describe('Where what an alias means appears inside: a path, or more of it.')
    .optional(),
  host: z
    .record(
      alias,
      z
        .string()
        .min(1)
        .max(4096)
        .regex(/^[^\0:\r\n]+$/, 'a path without a colon'),
    )
    .describe('Where it is on this machine; what is no absolute path lies below `host_root`.')
    .optional(),
  host_root: hostPath.describe('Default: the folder of the file.').optional(),
  repository: z
    .string()
    .max(255)
    .regex(/^[A-Za-z0-9][A-Za-z0-9.:_/-]*[A-Za-z0-9]$/, 'a registry’s name, and a path where there is one')
    .describe(
      'Goes before images without a slash. An image that begins with / goes without. An entry that names none runs the image of its own name.',
    )
    .optional(),
  default_tag: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'a tag')
    .describe('Of images that say no tag. Default: latest.')
    .optional(),
} as const;
