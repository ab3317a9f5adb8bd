import { createHash } from 'node:crypto';
import { canonical, type Json } from './canonical.ts';

/** What is meant when a driver is left out. */
const USUAL_DRIVERS: ReadonlySet<string> = new Set(['bridge', 'local', 'default']);

/**
 * The settings of a network or volume as a label keeps them: a short digest a field, so that a later request can be compared and
 * told what differs, and no value (a password of a share, say) is shown twice. What is as if left out is left out.
 */
export function settingsDigest(settings: object): string {
  const fields = Object.entries(pruned(settings as Json) ?? {}).map(([field, value]) => [
    field,
    createHash('sha256')
      .update(canonical(value as Json))
      .digest('hex')
      .slice(0, 12),
  ]);
  return JSON.stringify(Object.fromEntries(fields.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))));
}

/** The fields in which two digests differ. Nothing is known of what has none: then it was made with no settings. */
export function changedSettings(wanted: string, seen = '{}'): readonly string[] {
  const [one, other] = [parsed(wanted), parsed(seen)];
  const fields = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...fields].filter((field) => one[field] !== other[field]);
}

/** The labels asked for that something lacks, or has with another value. */
export function lackingLabels(
  wanted: Readonly<Record<string, string>>,
  seen: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.keys(wanted).filter((label) => !Object.hasOwn(seen, label) || seen[label] !== wanted[label]);
}

/** Without what means nothing: absent, false, empty, and the driver that it would have anyway. */
function pruned(value: Json | undefined): Json | undefined {
  if (value === undefined || value === false || value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (typeof value !== 'object') return value;
  const fields = Object.entries(value)
    .map(([key, field]) => [key, pruned(field)] as const)
    .filter(
      ([key, field]) =>
        field !== undefined && !(key === 'driver' && typeof field === 'string' && USUAL_DRIVERS.has(field)),
    );
  return fields.length === 0 ? undefined : Object.fromEntries(fields as [string, Json][]);
}

function parsed(digest: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(digest);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // Not written by us, so it matches nothing.
    return { settings: digest };
  }
}
