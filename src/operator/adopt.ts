import type { Engine } from '../engine/engine.ts';
import { type Identity, LABEL, ownership } from '../engine/labels.ts';
import { readSealedSpec } from '../engine/sealed-spec.ts';
import { isMade } from '../plan/made.ts';
import { restartPolicyOf } from '../plan/restart-policy.ts';
import { recreateHash, specHash } from '../plan/spec-hash.ts';
import { isUp } from '../plan/steps.ts';
import type { Store } from '../store/store.ts';

export interface Adopting {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly store: Store;
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface AdoptReport {
  readonly adopted: readonly { readonly id: string; readonly name: string }[];
  /** Ours by their labels, but not to be adopted, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Rows for containers that calls made and that no row knows any more, from what their labels keep: as they were created. What runs is
 * wanted running; nothing on the engine is touched. Declared ones need none of it: `up` finds them by their entries.
 */
export async function adoptContainers({
  engine,
  identity,
  store,
  now,
  signal,
}: Adopting): Promise<AdoptReport> {
  const adopted: { id: string; name: string }[] = [];
  const left: { name: string; why: string }[] = [];
  for (const { id: engineId, name, labels } of await engine.containers.list(
    { labels: { [LABEL.instance]: identity.instance } },
    signal,
  )) {
    const id = labels[LABEL.id] ?? '';
    const known = store.containers.get(id);
    if (!isMade(id) || (known !== undefined && known.status !== 'removed')) continue;
    const seen = await engine.containers.inspect(engineId, signal);
    if (seen === undefined) continue;
    const image = await engine.images.inspect(seen.image_id, signal);
    const kept = readSealedSpec(identity, id, seen.labels);
    if (
      kept === undefined ||
      ownership(identity, 'container', id, seen.labels, image?.labels) === 'foreign'
    ) {
      left.push({ name, why: 'its labels were not written by this Berth' });
      continue;
    }
    const { spec, aliases } = kept;
    const extras = { name: seen.name, aliases, restart_policy: restartPolicyOf(spec, false) };
    const desired_state = isUp(seen) ? ('running' as const) : ('stopped' as const);
    store.containers.insert({
      id,
      name: seen.name,
      entry_source: null,
      declared: false,
      aliases,
      spec,
      spec_hash: specHash(spec, extras),
      recreate_hash: recreateHash(spec, extras),
      desired_state,
      stop_timeout: null,
      created_at: now,
    });
    adopted.push({ id, name: seen.name });
  }
  return { adopted, left };
}
