import { z } from 'zod';
import { updateConfig } from '../../contracts/container-fields/convergence.ts';
import { containerSpec } from '../../contracts/container-spec.ts';
import { streamTarget } from '../../contracts/events.ts';
import { imageSpec } from '../../contracts/image-spec.ts';
import { networkSpec } from '../../contracts/network-spec.ts';
import { volumeSpec } from '../../contracts/volume-spec.ts';
import type { Declared } from './entry.ts';
import { keptMapWords, keptUnresolved } from './maps/unresolved.ts';

/** The last good reading of a file, as it is kept over restarts. */
export interface KeptFile {
  /** Absolute path. */
  readonly path: string;
  readonly root: string;
  readonly content_hash: string;
  /** JSON, of `encodeEntries`. */
  readonly entries: string;
  /** Milliseconds since 1970. */
  readonly read_at: number;
}

const place = { id: z.string(), name: z.string(), line: z.int() };

const keptContainer = z.strictObject({
  ...place,
  container_name: z.string(),
  spec: containerSpec,
  stream: streamTarget.optional(),
  group: z.string().optional(),
  replicas: z.int().optional(),
  update_config: updateConfig.optional(),
  unresolved: keptUnresolved.optional(),
});

const keptMap = z.strictObject({ ...place, words: keptMapWords });

const keptNetwork = z.strictObject({
  ...place,
  resource: z.literal('network'),
  resource_name: z.string(),
  settings: networkSpec.omit({ name: true }),
});

const keptVolume = z.strictObject({
  ...place,
  resource: z.literal('volume'),
  resource_name: z.string(),
  settings: volumeSpec.omit({ name: true }),
});

const keptImage = z.strictObject({
  ...place,
  resource: z.literal('image'),
  resource_name: z.string(),
  settings: imageSpec.omit({ name: true }),
});

const keptGroup = z.strictObject({
  ...place,
  members: z.array(z.string()),
  network: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  update_config: updateConfig.optional(),
});

const keptEntries = z.array(z.union([keptContainer, keptNetwork, keptVolume, keptImage, keptGroup, keptMap]));

export function encodeEntries(entries: readonly Declared[]): string {
  return JSON.stringify(entries.map(({ file: _file, ...entry }) => entry));
}

/** The entries of a kept file; undefined when this Berth cannot read them. */
export function decodeEntries({ path, entries }: KeptFile): readonly Declared[] | undefined {
  const parsed = keptEntries.safeParse(jsonOf(entries));
  return parsed.data?.map((kept) => {
    return { ...withoutUndefined(kept), file: path };
  });
}

/** Zod leaves a field that is not there out, but its type says that it may be undefined. */
function withoutUndefined<T extends object>(kept: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return kept as never;
}

/** Undefined when it is no JSON: then nothing is known. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
