import { z } from 'zod';
import type { Access } from '../../../contracts/container-fields/maps.ts';
import { type ContainerSpec, containerSpec } from '../../../contracts/container-spec.ts';

/** What of an entry is resolved with the help of others, once all files are read. */
export interface Unresolved {
  /** True: only there to be extended. */
  readonly abstract?: boolean;
  /** Ids of entries, in order. */
  readonly extends?: readonly string[];
  /** What each of several containers says otherwise, by name. */
  readonly instances?: Readonly<Record<string, ContainerSpec>>;
  /** Aliases of paths of this machine. */
  readonly binds?: Readonly<Record<string, Access>>;
  /** Aliases of volumes that it owns. */
  readonly attaches?: readonly string[];
  /** Paths inside. */
  readonly shares?: readonly string[];
  /** `alias`, `entry` or `entry.alias`. */
  readonly uses?: Readonly<Record<string, Access>>;
  /** Of what it attaches. */
  readonly permissions?: string;
}

const access = z.enum(['ro', 'rw']);

/** The same, as it is kept: what zod leaves out is not there. */
export const keptUnresolved: z.ZodType<Unresolved> = z.strictObject({
  abstract: z.boolean().optional(),
  extends: z.array(z.string()).optional(),
  instances: z.record(z.string(), containerSpec).optional(),
  binds: z.record(z.string(), access).optional(),
  attaches: z.array(z.string()).optional(),
  shares: z.array(z.string()).optional(),
  uses: z.record(z.string(), access).optional(),
  permissions: z.string().optional(),
}) as z.ZodType as z.ZodType<Unresolved>;

/** A volume of a map. */
export interface MapVolume {
  readonly path: string;
  readonly owner?: string;
  readonly permissions?: string;
  readonly name?: string;
  readonly driver?: string;
  readonly options?: Readonly<Record<string, string>>;
}

const keptVolume = z.strictObject({
  path: z.string(),
  owner: z.string().optional(),
  permissions: z.string().optional(),
  name: z.string().optional(),
  driver: z.string().optional(),
  options: z.record(z.string(), z.string()).optional(),
});

/** The words of a namespace; paths are absolute. */
export interface MapWords {
  readonly volumes: Readonly<Record<string, MapVolume>>;
  readonly host: Readonly<Record<string, string>>;
  readonly repository?: string;
  readonly default_tag?: string;
}

/** The words of a namespace, as they are kept; paths are absolute. */
export const keptMapWords: z.ZodType<MapWords> = z.strictObject({
  volumes: z.record(z.string(), keptVolume),
  host: z.record(z.string(), z.string()),
  repository: z.string().optional(),
  default_tag: z.string().optional(),
}) as z.ZodType as z.ZodType<MapWords>;
