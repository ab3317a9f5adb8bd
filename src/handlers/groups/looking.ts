import type { Handlers } from '../../../contracts/contract.ts';
import type { groups } from '../../../contracts/groups.ts';
import { endpointsOf } from '../../plan/groups/endpoints.ts';
import { imageOf } from '../../plan/mentioned.ts';
import { groupOf } from './group-of.ts';
import type { GroupParts } from './parts.ts';
import { viewOfDeployment, viewOfGroup, viewOfMember } from './views.ts';

type Methods = Pick<Handlers<typeof groups>, 'list' | 'get' | 'status' | 'endpoints' | 'history'>;

const iso = (millis: number): string => new Date(millis).toISOString();

/** What groups are like, from the rows alone. */
export function looking({ store, engine_host }: GroupParts): Methods {
  return {
    list: async () => ({ groups: store.groups.all().map((group) => viewOfGroup(group, store)) }),
    get: async ({ group }) => viewOfGroup(groupOf(group, store), store),
    status: async ({ group }) => ({
      ...viewOfGroup(groupOf(group, store), store),
      members: store.groups.members(group).map(viewOfMember),
    }),
    endpoints: async ({ group: name, service }) => {
      groupOf(name, store);
      const rows = store.groups
        .members(name)
        .filter((row) => service === undefined || row.service === service);
      return {
        endpoints: rows.flatMap((row) => [
          ...endpointsOf({
            service: row.service ?? row.name,
            name: row.name,
            spec: row.spec,
            ports: row.status === 'running' || row.status === 'paused' ? (row.observed?.ports ?? []) : [],
            engine_host,
          }),
        ]),
      };
    },
    history: async ({ group: name, limit = 20 }) => {
      const group = groupOf(name, store);
      const releases = store.groups.releases(name).slice(0, limit);
      return {
        group: name,
        release: group.release,
        releases: releases.map(({ number, cause, created_at, services }) => ({
          number,
          cause,
          created_at: iso(created_at),
          services: Object.fromEntries(
            Object.entries(services).map(([service, { spec, image_id, replicas }]) => [
              service,
              { image: imageOf(spec), replicas: replicas ?? 1, ...(image_id !== undefined && { image_id }) },
            ]),
          ),
        })),
        deployments: store.groups.deployments(name, limit).map((one) => viewOfDeployment(one, store)),
      };
    },
  };
}
