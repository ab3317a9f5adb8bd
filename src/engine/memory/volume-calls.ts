import { ContractError } from '../../../contracts/contract-error.ts';
import { mentionedVolumes } from '../../plan/mentioned.ts';
import type { VolumeCalls } from '../port/volume-calls.ts';
import { pathSegment } from '../references.ts';
import { hasLabels, type World } from './world.ts';

/** Volumes by name; nothing is in them. */
export function volumeCalls(world: World): VolumeCalls {
  const isUsed = (name: string): boolean =>
    [...world.containers.values()].some(
      ({ request }) =>
        mentionedVolumes(request.spec).includes(name) || Object.values(request.keep_volumes).includes(name),
    );
  return {
    list: async ({ labels, dangling }) =>
      [...world.volumes.values()].filter(
        (one) => hasLabels(one.labels, labels) && (dangling === undefined || dangling === !isUsed(one.name)),
      ),
    inspect: async (name) => world.volumes.get(pathSegment(name)),
    create: async ({ name, labels, driver = 'local', options = {} }) => {
      const own = world.volumes.get(pathSegment(name))?.labels;
      if (own !== undefined && Object.entries(labels).some(([label, value]) => own[label] !== value))
        throw new ContractError('name_conflict', `a volume ${name} is there already, with other labels`);
      if (driver !== 'local')
        throw new ContractError('unsupported', `create volume ${name}: there is no driver ${driver}`);
      if (own !== undefined) return;
      world.volumes.set(name, { name, driver, scope: 'local', options, labels, created_at: world.stamp() });
    },
    remove: async (name) => {
      if (!world.volumes.has(pathSegment(name))) return 'absent';
      if (isUsed(name)) return 'in_use';
      world.volumes.delete(name);
      return 'removed';
    },
  };
}
