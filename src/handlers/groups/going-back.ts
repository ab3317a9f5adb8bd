import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { groups } from '../../../contracts/groups.ts';
import { compareServices } from '../../plan/groups/compare-services.ts';
import { lastGood } from '../../plan/groups/last-good.ts';
import type { ReleaseService, Services } from '../../plan/groups/release.ts';
import { imageOf } from '../../plan/mentioned.ts';
import { runsOnce } from '../../plan/restart-policy.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { GroupRow, ReleaseRow } from '../../store/group-rows.ts';
import { neededByAll } from '../../store/needed-rows.ts';
import { behind } from '../images-behind.ts';
import { membersOf } from './acting.ts';
import { begin } from './begin.ts';
import { groupOf } from './group-of.ts';
import type { GroupParts } from './parts.ts';

type Methods = Pick<Handlers<typeof groups>, 'rollback' | 'update'>;

/** Back to what ran before, and on to what its images are now. */
export function goingBack(parts: GroupParts): Methods {
  const { store, engine } = parts;
  return {
    rollback: async ({ group: name, release: number, ...how }, context) => {
      const group = groupOf(name, store);
      const now = store.groups.release(name, group.release)?.services ?? {};
      const release = releaseOf(group, number, parts);
      const { services, differs } = await withImages(group, release, parts, context.signal);
      const changed = compareServices(now, services)
        .filter(({ action }) => action !== 'keep')
        .map(({ service }) => service);
      const to = differs
        ? { services, cause: `back to release ${release.number}` }
        : { number: release.number };
      return await begin({ group, kind: 'rollback', to, changed, again: [] }, how, parts, context);
    },
    update: async (
      { group: name, services: only, dependencies = true, dry_run = false, ...how },
      context,
    ) => {
      const group = groupOf(name, store);
      const services = store.groups.release(name, group.release)?.services ?? {};
      const named = membersOf(name, only, parts).filter(isWanted);
      const along = dependencies ? neededByAll(named, store) : [];
      const mine = [...named, ...along.filter(({ group_name }) => group_name === name)];
      const again = await behind(
        Object.entries(services).flatMap(([service, { spec }]) => {
          const rows = mine.filter((row) => row.service === service && !hasRun(row));
          return rows.length === 0
            ? []
            : [
                {
                  name: service,
                  spec,
                  image_ids: rows.filter(isWanted).flatMap((row) => row.image_id ?? []),
                },
              ];
        }),
        engine,
        dry_run,
        context.signal,
      );
      const asleep = along.filter((row) => !isWanted(row));
      if (dry_run) {
        const started = asleep.length === 0 ? {} : { started: asleep.map((row) => row.name) };
        return { group: name, release: group.release, state: 'succeeded', changed: [...again], ...started };
      }
      const to = { services, cause: 'update' };
      const wanted = { group, kind: 'update', to, changed: [], again, along: asleep } as const;
      return await begin(wanted, how, parts, context);
    },
  };
}

function isWanted({ desired_state }: ContainerRow): boolean {
  return desired_state === 'running';
}

/** It has done its work by this spec, whatever its image means by now. */
function hasRun({ spec, completed_hash, spec_hash }: ContainerRow): boolean {
  return runsOnce(spec) && completed_hash === spec_hash;
}

/** The one asked for, or the last one that has done well before this. Throws not_found, wrong_state. */
function releaseOf(
  { name, release }: GroupRow,
  number: number | undefined,
  { store }: GroupParts,
): ReleaseRow {
  const wanted = number ?? lastGood(release, store.groups.deployments(name, 200));
  if (wanted === undefined)
    throw new ContractError('wrong_state', `${name} has no release before ${release}`);
  const found = store.groups.release(name, wanted);
  if (found === undefined)
    throw new ContractError('not_found', `${name} has no release ${wanted}`, {
      next: `\`berth history ${name}\` shows those that are kept.`,
    });
  return found;
}

/** Its services with images that are there: by id where their tag means another one now, pulled where they are gone. Throws image_not_found before anything stops. */
async function withImages(
  group: GroupRow,
  release: ReleaseRow,
  { engine, store }: GroupParts,
  signal: AbortSignal,
): Promise<{ readonly services: Services; readonly differs: boolean }> {
  const running = new Set(store.groups.members(group.name).map(({ image_id }) => image_id));
  let differs = false;
  const services: [string, ReleaseService][] = [];
  for (const [service, wanted] of Object.entries(release.services)) {
    const image = imageOf(wanted.spec);
    const { image_id } = wanted;
    const there = await engine.images.inspect(image, signal);
    const isIt = there !== undefined && (image_id === undefined || there.id === image_id);
    if (isIt || wanted.spec.build !== undefined) services.push([service, wanted]);
    else if (
      image_id !== undefined &&
      (running.has(image_id) || (await engine.images.inspect(image_id, signal)))
    ) {
      differs = true;
      services.push([
        service,
        { ...wanted, spec: { ...wanted.spec, image: image_id, pull_policy: 'never' } },
      ]);
    } else {
      const pulled = await engine.images.pull(image, { platform: wanted.spec.platform }, signal);
      if (image_id !== undefined && pulled.id !== image_id)
        throw new ContractError(
          'image_not_found',
          `release ${release.number} ran ${image} as ${image_id.slice(0, 19)}, which is gone; that name is another image now`,
          { next: 'Deploy the image that you want by its digest. Nothing was stopped.' },
        );
      services.push([service, wanted]);
    }
  }
  return { services: Object.fromEntries(services), differs };
}
