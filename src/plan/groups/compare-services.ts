import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { canonical, type Json } from '../canonical.ts';
import { LIMIT_FIELDS } from '../in-place.ts';
import { isSecret } from '../secret-names.ts';
import type { ReleaseService, Services } from './release.ts';

/** One field that is other than before. */
export interface ChangedField {
  readonly field: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

export interface ServiceChange {
  readonly service: string;
  readonly action: 'create' | 'replace' | 'adjust' | 'scale' | 'remove' | 'keep';
  readonly changed: readonly ChangedField[];
}

const IN_PLACE: ReadonlySet<string> = new Set([...LIMIT_FIELDS, 'restart_policy']);
/** Of Berth alone: nothing of the container changes with them. */
const OURS: ReadonlySet<string> = new Set(['depends_on', 'role', 'probes', 'on_unhealthy', 'pull_policy']);

/** What becomes of each service from one release to another. */
export function compareServices(from: Services, to: Services): readonly ServiceChange[] {
  const names = [...new Set([...Object.keys(to), ...Object.keys(from)])];
  return names.map((service) => ({ service, ...compareService(from[service], to[service]) }));
}

function compareService(
  from: ReleaseService | undefined,
  to: ReleaseService | undefined,
): Omit<ServiceChange, 'service'> {
  if (from === undefined) return { action: 'create', changed: [] };
  if (to === undefined) return { action: 'remove', changed: [] };
  const changed = changedFields(from, to);
  const fields = changed.map(({ field }) => field.split('.')[0] ?? field);
  if (fields.length === 0) return { action: 'keep', changed };
  if (fields.every((field) => field === 'replicas')) return { action: 'scale', changed };
  const mild = fields.every((field) => IN_PLACE.has(field) || OURS.has(field) || field === 'update_config');
  return { action: mild ? 'adjust' : 'replace', changed };
}

function changedFields(from: ReleaseService, to: ReleaseService): readonly ChangedField[] {
  const beside = (['replicas', 'update_config', 'name'] as const).flatMap((field) =>
    same(from[field], to[field]) ? [] : [{ field, from: from[field], to: to[field] }],
  );
  return [...specChanges(from.spec, to.spec), ...beside];
}

/** Maps of one level are told key by key. */
function specChanges(from: ContainerSpec, to: ContainerSpec): readonly ChangedField[] {
  const before = new Map<string, unknown>(Object.entries(from));
  const after = new Map<string, unknown>(Object.entries(to));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((field): readonly ChangedField[] => {
    const [old, young] = [before.get(field), after.get(field)];
    if (same(old, young)) return [];
    if (field !== 'env' && field !== 'labels') return [{ field, from: old, to: young }];
    return keyChanges(field, asMap(old), asMap(young));
  });
}

function keyChanges(
  field: string,
  from: ReadonlyMap<string, unknown>,
  to: ReadonlyMap<string, unknown>,
): readonly ChangedField[] {
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((key) => {
    const [old, young] = [from.get(key), to.get(key)];
    if (same(old, young)) return [];
    const show = (value: unknown): unknown => (value !== undefined && isSecret(key) ? '***' : value);
    return [{ field: `${field}.${key}`, from: show(old), to: show(young) }];
  });
}

function asMap(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || canonical(a as Json | undefined) === canonical(b as Json | undefined);
}
