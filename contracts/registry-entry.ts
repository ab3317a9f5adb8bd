import { z } from 'zod';
import { checkReplicas, membershipFields, updateConfig } from './container-fields/convergence.ts';
import { mapFields, mapUseFields, templateFields } from './container-fields/maps.ts';
import { engineName, networkName } from './container-fields/texts.ts';
import { checkContainerFields, containerFields } from './container-spec.ts';
import { imageFields } from './image-spec.ts';
import { networkFields } from './network-spec.ts';
import { volumeFields } from './volume-spec.ts';

export const namespace = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_-]*(\.[a-zA-Z0-9_-]+)*$/, 'words of letters, digits, _ and -, joined by dots')
  .max(200);
export const entryName = networkName.max(128);

/** `namespace:name` */
export const entryId = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_.-]*:[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'namespace:name');

/** What every entry has, whatever its kind. Unknown kinds pass: they belong to somebody else. */
export const entryHeader = z.looseObject({
  name: entryName,
  kind: z.string(),
  meta: z.looseObject({ type: z.string().optional() }).optional(),
});

export const indexHeader = z.looseObject({
  version: z.union([z.string(), z.number()]).transform(String).optional(),
  namespace: namespace.optional(),
  entries: z.array(z.unknown()).optional(),
});

/** What one of several containers of an entry says otherwise. */
export const instanceFields = z.strictObject(containerFields).pick({
  ...({ env: true, labels: true, command: true, args: true, ports: true } as const),
  ...({ volumes: true, hostname: true, networks: true } as const),
});

const instances = z
  .union([
    z.array(networkName.max(64)).min(1).max(100),
    z.record(networkName.max(64), z.union([z.null().transform(() => ({})), instanceFields])),
  ])
  .transform(
    (given): Record<string, z.infer<typeof instanceFields>> =>
      Array.isArray(given) ? Object.fromEntries(given.map((name) => [name, {}])) : given,
  );

/** A declared container: `kind: registry.entry` with `meta.type: docker.container` and the container’s fields beside `meta`. */
export const containerEntry = z
  .strictObject({
    name: entryName.describe('The entry’s name: the container’s name and its alias on its network.'),
    kind: z.literal('registry.entry'),
    meta: z.strictObject({
      type: z.literal('docker.container'),
      comment: z.string().optional(),
      description: z.string().optional(),
    }),
    container_name: engineName.describe('The container’s name, when it is not the entry’s.').optional(),
    ...containerFields,
    group: engineName
      .max(100)
      .describe(
        'The group that it belongs to; its members share a network, and find each other by their names.',
      )
      .optional(),
    ...membershipFields,
    ...mapUseFields,
    ...templateFields,
    instances: instances
      .describe('Several containers of it, NAME-a for `a`: a list, or what each says otherwise by name.')
      .optional(),
  })
  .superRefine((entry, context) => {
    // What comes from others is checked when they are put together.
    if (entry.abstract || entry.extends) return;
    checkContainerFields(entry, context);
    checkReplicas(entry, context);
    if (entry.auto_remove)
      context.addIssue({
        code: 'custom',
        path: ['auto_remove'],
        message: 'what is declared stays until its entry goes; only what a call made removes itself',
      });
    if (entry.container_name === undefined && !engineName.safeParse(entry.name).success)
      context.addIssue({
        code: 'custom',
        path: ['name'],
        message:
          'as a container’s name it is too short for the engine; give it two characters, or a `container_name`',
      });
  });
export type ContainerEntry = z.infer<typeof containerEntry>;

const otherMeta = <T extends string>(type: T) =>
  z.strictObject({
    type: z.literal(type),
    comment: z.string().optional(),
    description: z.string().optional(),
  });

/** A declared network: `meta.type: docker.network`, and what it is made of beside `meta`. */
export const networkEntry = z.strictObject({
  name: entryName.describe('The entry’s name: the network’s name.'),
  kind: z.literal('registry.entry'),
  meta: otherMeta('docker.network'),
  network_name: networkName.describe('The network’s name, when it is not the entry’s.').optional(),
  ...networkFields,
});
export type NetworkEntry = z.infer<typeof networkEntry>;

/** A declared volume: `meta.type: docker.volume`, and what it is made of beside `meta`. */
export const volumeEntry = z.strictObject({
  name: entryName.describe('The entry’s name: the volume’s name.'),
  kind: z.literal('registry.entry'),
  meta: otherMeta('docker.volume'),
  volume_name: engineName.describe('The volume’s name, when it is not the entry’s.').optional(),
  ...volumeFields,
});
export type VolumeEntry = z.infer<typeof volumeEntry>;

/** A declared image: `meta.type: docker.image`. It is pulled where it is missing. */
export const imageEntry = z.strictObject({
  name: entryName.describe('The entry’s name: the image’s name, unless `image` says another.'),
  kind: z.literal('registry.entry'),
  meta: otherMeta('docker.image'),
  image: z.string().min(1).max(512).describe('`[registry[:port]/]path[:tag][@digest]`').optional(),
  ...imageFields,
});
export type ImageEntry = z.infer<typeof imageEntry>;

/** A declared group: `meta.type: docker.group`. Its members name it with `group`, or are named here. */
export const groupEntry = z.strictObject({
  name: engineName.max(100).describe('The group’s name.'),
  kind: z.literal('registry.entry'),
  meta: otherMeta('docker.group'),
  network: z
    .union([z.literal('none'), networkName])
    .describe(
      'The network that its members share. `none`: only what each says itself. Default: one called as the group, that goes with it.',
    )
    .optional(),
  members: z
    .array(z.string().min(1).max(330))
    .max(200)
    .describe('Entries of this file by name, or `namespace:name`, beside those that say `group` themselves.')
    .optional(),
  labels: containerFields.labels.describe('On each of them, below its own.').optional(),
  update_config: updateConfig
    .describe('How members are replaced that say nothing of it themselves.')
    .optional(),
});
export type GroupEntry = z.infer<typeof groupEntry>;

/** The words of a namespace: `meta.type: docker.map`. It declares nothing by itself. */
export const mapEntry = z.strictObject({
  name: engineName.max(100).describe('The first part of the names of its volumes.'),
  kind: z.literal('registry.entry'),
  meta: otherMeta('docker.map'),
  ...mapFields,
});
export type MapEntry = z.infer<typeof mapEntry>;

/** What may be declared, by `meta.type`. */
export const ENTRY_TYPES = {
  'docker.container': containerEntry,
  'docker.network': networkEntry,
  'docker.volume': volumeEntry,
  'docker.image': imageEntry,
  'docker.group': groupEntry,
  'docker.map': mapEntry,
} as const;
export type EntryType = keyof typeof ENTRY_TYPES;

/** A whole `_index.yaml` of what Berth acts on. */
export const indexFile = z.strictObject({
  version: z.union([z.string(), z.number()]).describe('Version of the file format, "1.0".').optional(),
  namespace: namespace.describe('Default: the folder’s name.').optional(),
  entries: z.array(z.union([containerEntry, networkEntry, volumeEntry, imageEntry, groupEntry, mapEntry])),
});
