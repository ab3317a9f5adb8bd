import type { VolumeInspectInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import { engineWords } from '../engine-errors.ts';
import type { VolumeCalls } from '../port/volume-calls.ts';
import { pathSegment } from '../references.ts';
import { observedVolume } from '../surroundings-from-docker.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { listFilter } from './list-filter.ts';

/** Volumes over the Docker API. */
export function volumeCalls(api: Api): VolumeCalls {
  const path = (name: string): string => `/volumes/${pathSegment(name)}`;
  const inspect: VolumeCalls['inspect'] = async (name, signal) => {
    const answer = await api.ask(
      { method: 'GET', path: path(name) },
      { doing: `inspect volume ${name}`, fine: [404], signal },
    );
    return answer.status === 404 ? undefined : observedVolume(bodyOf<VolumeInspectInfo>(answer));
  };
  return {
    inspect,
    list: async (filter, signal) => {
      const answer = await api.ask(
        { method: 'GET', path: '/volumes', query: { filters: listFilter(filter) } },
        { doing: 'list volumes', signal },
      );
      return (bodyOf<{ Volumes: VolumeInspectInfo[] | null }>(answer).Volumes ?? []).map(observedVolume);
    },
    create: async ({ name, labels, driver, options }, signal) => {
      const doing = `create volume ${name}`;
      const body = { Name: pathSegment(name), Labels: labels, Driver: driver, DriverOpts: options };
      const answer = await api.ask(
        { method: 'POST', path: '/volumes/create', body, again: true },
        { doing, deadline: DEADLINE.mutate, fine: [404, 409], signal },
      );
      if (answer.status === 404)
        throw new ContractError('unsupported', `${doing}: ${engineWords(answer.body)}`);
      if (answer.status === 409)
        throw new ContractError('name_conflict', `${doing}: ${engineWords(answer.body)}`);
      // The engine answers 201 for a volume that is there already, whatever its labels.
      const seen = observedVolume(bodyOf<VolumeInspectInfo>(answer));
      if (Object.entries(labels).some(([label, value]) => seen.labels[label] !== value))
        throw new ContractError('name_conflict', `a volume ${name} is there already, with other labels`);
    },
    remove: async (name, signal) => {
      const answer = await api.ask(
        { method: 'DELETE', path: path(name), again: true },
        { doing: `remove volume ${name}`, deadline: DEADLINE.mutate, fine: [404, 409], signal },
      );
      if (answer.status === 404) return 'absent';
      return answer.status === 409 ? 'in_use' : 'removed';
    },
  };
}
