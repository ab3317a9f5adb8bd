import { z } from 'zod';
import { containerSpec } from '../../contracts/container-spec.ts';
import { streamTarget } from '../../contracts/events.ts';
import type { DeclaredEntry } from './entry.ts';

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

const keptEntries = z.array(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    container_name: z.string(),
    spec: containerSpec,
    stream: streamTarget.optional(),
    line: z.int(),
  }),
);

export function encodeEntries(entries: readonly DeclaredEntry[]): string {
  return JSON.stringify(entries.map(({ file: _file, ...entry }) => entry));
}

/** The entries of a kept file; undefined when this Berth cannot read them. */
export function decodeEntries({ path, entries }: KeptFile): readonly DeclaredEntry[] | undefined {
  const parsed = keptEntries.safeParse(jsonOf(entries));
  return parsed.data?.map(({ stream, ...entry }) => ({ ...entry, ...(stream && { stream }), file: path }));
}

/** Undefined when it is no JSON: then nothing is known. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
