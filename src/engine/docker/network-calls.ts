import type { NetworkInspectInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import { answerError, engineWords } from '../engine-errors.ts';
import type { NetworkCalls } from '../port/network-calls.ts';
import { pathSegment } from '../references.ts';
import { observedNetwork } from '../surroundings-from-docker.ts';
import { endpointToDocker, networkToDocker } from '../surroundings-to-docker.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { isAmbiguous, isExactly } from './exact-ref.ts';
import { listFilter } from './list-filter.ts';
import { beTheOnlyNetwork, onceAgreed } from './one-network.ts';

const ENGINES_OWN: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Networks over the Docker API. */
export function networkCalls(api: Api): NetworkCalls {
  const path = (ref: string, rest = ''): string => `/networks/${pathSegment(ref)}${rest}`;
  const inspect: NetworkCalls['inspect'] = async (ref, signal) => {
    const answer = await onceAgreed(
      () =>
        api.ask({ method: 'GET', path: path(ref) }, { doing: `inspect network ${ref}`, fine: [404], signal }),
      signal,
    );
    if (answer.status === 404) return undefined;
    const seen = observedNetwork(bodyOf<NetworkInspectInfo>(answer));
    return isExactly(ref, seen) ? seen : undefined;
  };
  return {
    inspect,
    list: async ({ labels, dangling }, signal) => {
      const answer = await api.ask(
        { method: 'GET', path: '/networks', query: { filters: listFilter({ ...(labels && { labels }) }) } },
        { doing: 'list networks', signal },
      );
      const listed = bodyOf<NetworkInspectInfo[]>(answer).map(observedNetwork);
      if (dangling === undefined) return listed;
      // The engine’s own filter takes all but its own for unused (seen in 20.10 and 26.1): its list knows no members.
      const seen = await Promise.all(listed.map(({ id }) => inspect(id, signal)));
      return seen
        .filter((one) => one !== undefined)
        .filter(
          ({ name, container_ids }) => dangling === (container_ids.length === 0 && !ENGINES_OWN.has(name)),
        );
    },
    create: async ({ name, ...request }, signal) => {
      const doing = `create network ${name}`;
      const body = { ...networkToDocker(request), Name: pathSegment(name), CheckDuplicate: true };
      const answer = await api.ask(
        { method: 'POST', path: '/networks/create', body },
        { doing, deadline: DEADLINE.mutate, fine: [403, 404, 409], signal },
      );
      if (answer.status === 409)
        throw new ContractError('name_conflict', `a network ${name} is there already`);
      if (answer.status === 404)
        throw new ContractError('unsupported', `${doing}: ${engineWords(answer.body)}`);
      if (answer.status === 403)
        throw new ContractError('engine_refused', `${doing}: ${engineWords(answer.body)}`);
      const { Id: id } = bodyOf<{ Id: string }>(answer);
      await beTheOnlyNetwork(api, name, id, signal);
      return { id };
    },
    remove: async (ref, signal) => {
      const seen = await inspect(ref, signal);
      if (seen === undefined) return 'absent';
      if (seen.container_ids.length > 0) return 'in_use';
      const answer = await api.ask(
        { method: 'DELETE', path: path(seen.id), again: true },
        { doing: `remove network ${ref}`, deadline: DEADLINE.mutate, fine: [403, 404, 409], signal },
      );
      if (answer.status === 404) return 'absent';
      return answer.status === 403 || answer.status === 409 ? 'in_use' : 'removed';
    },
    connect: async (network, container, joining, signal) => {
      // A container that does not run is «connected» to anything, there or not.
      const target = (await inspect(network, signal))?.id;
      if (target === undefined) throw new ContractError('not_found', `no network ${network} on the engine`);
      const body = { Container: pathSegment(container), EndpointConfig: endpointToDocker(joining) };
      const answer = await api.ask(
        { method: 'POST', path: path(target, '/connect'), body },
        { doing: `connect ${container} to ${network}`, deadline: DEADLINE.mutate, fine: [403, 409], signal },
      );
      if (answer.status < 300 || /already (exists|attached|connected)/i.test(answer.body)) return;
      throw new ContractError(
        'engine_refused',
        `connect ${container} to ${network}: ${engineWords(answer.body)}`,
      );
    },
    disconnect: async (network, container, { force }, signal) => {
      const target = isAmbiguous(network) ? (await inspect(network, signal))?.id : network;
      if (target === undefined) return;
      const body = { Container: pathSegment(container), Force: force };
      const answer = await api.ask(
        { method: 'POST', path: path(target, '/disconnect'), body, again: true },
        {
          doing: `disconnect ${container} from ${network}`,
          deadline: DEADLINE.mutate,
          fine: [403, 404, 500],
          signal,
        },
      );
      if (answer.status < 300 || answer.status === 404 || /is not connected/i.test(answer.body)) return;
      throw answerError(answer.status, answer.body, `disconnect ${container} from ${network}`);
    },
  };
}
