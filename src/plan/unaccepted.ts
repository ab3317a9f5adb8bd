import { createHash } from 'node:crypto';
import { canonical } from './canonical.ts';
import type { Difference } from './fields/differences.ts';
import type { ObservedContainer } from './observed.ts';

/**
 * How an engine shows otherwise what it was asked for: a limit that its kernel cannot keep, a path that it spells in its own way.
 * That is no drift; that it shows something else again later is. `all`: whatever is there, made by a former version of ours.
 */
export interface Accepted {
  readonly engine_id: string;
  /** Digests of wanted and shown, by field; no value can be read from them. */
  readonly fields: Readonly<Record<string, string>> | 'all';
}

/** Those that are not how this engine shows what was asked for. */
export function unaccepted(
  differences: readonly Difference[],
  { id }: ObservedContainer,
  accepted: Accepted | undefined,
): readonly Difference[] {
  if (accepted?.engine_id !== id) return differences;
  const { fields } = accepted;
  if (fields === 'all') return [];
  return differences.filter((one) => fields[one.field] !== digestOf(one));
}

/** Of one difference. */
export function digestOf({ from, to }: Difference): string {
  return createHash('sha256')
    .update(canonical([from, to]))
    .digest('hex')
    .slice(0, 16);
}
