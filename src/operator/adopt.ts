import { LABEL, ownership } from '../engine/labels.ts';
import { type KeptSpec, readSealedSpec } from '../engine/sealed-spec.ts';
import { isMade } from '../plan/made.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import { restartPolicyOf } from '../plan/restart-policy.ts';
import { recreateHash, specHash } from '../plan/spec-hash.ts';
import { isUp } from '../plan/steps.ts';
import type { NewContainer } from '../store/container-row.ts';
import { adoptGroups } from './adopt-groups.ts';
import { adoptJoins, adoptNetworks } from './adopt-networks.ts';
import type { Adopting, AdoptReport, Found, Leave } from './adopting.ts';
import { tried } from './tried.ts';

/**
 * Rows for containers that calls made and that no row knows any more, from what their labels keep: as they were created, with the
 * groups that they belong to, and networks that calls had made. What runs is wanted running; nothing on the engine is touched.
 * Declared ones need none of it: `up` finds them by their entries.
 */
export async function adoptContainers(adopting: Adopting): Promise<AdoptReport> {
  const { store } = adopting;
  const left: { name: string; why: string }[] = [];
  const leave: Leave = (name, why) => void left.push({ name, why });
  const found = await findThem(adopting, leave);
  const alone = found.filter(({ kept }) => kept.member === undefined);
  const written = alone.filter(({ row }) => tried(row.name, leave, () => store.containers.insert(row)));
  const { groups, members } = adoptGroups(
    found.filter(({ kept }) => kept.member !== undefined),
    adopting,
    leave,
  );
  const adopted = [...written, ...members];
  return {
    adopted: adopted.map(({ row: { id, name } }) => ({ id, name })),
    groups,
    networks: await adoptNetworks(adopting),
    joins: await adoptJoins(adopted, adopting, leave),
    left,
  };
}

async function findThem(
  { engine, identity, store, now, signal }: Adopting,
  leave: Leave,
): Promise<readonly Found[]> {
  const found: Found[] = [];
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
      leave(name, 'its labels were not written by this Berth');
      continue;
    }
    found.push({ row: rowOf(id, kept, seen, now), kept, seen });
  }
  return found;
}

function rowOf(id: string, { spec, aliases }: KeptSpec, seen: ObservedContainer, now: number): NewContainer {
  const extras = { name: seen.name, aliases, restart_policy: restartPolicyOf(spec, false) };
  return {
    id,
    name: seen.name,
    entry_source: null,
    declared: false,
    aliases,
    spec,
    spec_hash: specHash(spec, extras),
    recreate_hash: recreateHash(spec, extras),
    desired_state: isUp(seen) ? 'running' : 'stopped',
    stop_timeout: null,
    created_at: now,
  };
}
