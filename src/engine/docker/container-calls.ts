import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerCalls, ContainerSummary } from '../engine.ts';
import { observedContainer, stateOf } from '../from-docker.ts';
import { pathSegment } from '../references.ts';
import { DEFAULT_STOP_TIMEOUT, dockerPolicy, nanoCpus, toDocker } from '../to-docker.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { createFailure, startFailure } from './container-failures.ts';
import { readLogs } from './read-logs.ts';
import { waitGone } from './wait-gone.ts';

/** Containers over the Docker API. */
export function containerCalls(api: Api): ContainerCalls {
  const path = (ref: string, rest = ''): string => `/containers/${pathSegment(ref)}${rest}`;
  const inspect: ContainerCalls['inspect'] = async (ref, signal) => {
    const answer = await api.ask(
      { method: 'GET', path: path(ref, '/json') },
      { doing: `inspect ${ref}`, fine: [404], signal },
    );
    return answer.status === 404 ? undefined : observedContainer(bodyOf<ContainerInspectInfo>(answer));
  };
  const list: ContainerCalls['list'] = async ({ labels }, signal) => {
    const answer = await api.ask(
      { method: 'GET', path: '/containers/json', query: { all: 1, filters: labelFilter(labels) } },
      { doing: 'list containers', signal },
    );
    return bodyOf<ContainerInfo[]>(answer).map(summary);
  };
  return {
    inspect,
    list,
    create: async (request, signal) => {
      const body = toDocker(request);
      try {
        const answer = await api.ask(
          { method: 'POST', path: '/containers/create', query: { name: pathSegment(request.name) }, body },
          { doing: `create ${request.name}`, deadline: DEADLINE.mutate, signal },
        );
        const { Id, Warnings } = bodyOf<{ Id: string; Warnings: string[] | null }>(answer);
        return { id: Id, warnings: Warnings ?? [] };
      } catch (error) {
        throw await createFailure(error, request, inspect);
      }
    },
    start: async (ref, signal) => {
      try {
        await api.ask(
          { method: 'POST', path: path(ref, '/start'), again: true },
          { doing: `start ${ref}`, deadline: DEADLINE.mutate, fine: [304], signal },
        );
      } catch (error) {
        throw await startFailure(error, ref, list);
      }
    },
    stop: async (ref, { timeout }, signal) => {
      const grace = timeout ?? DEFAULT_STOP_TIMEOUT;
      const deadline = timeout === undefined ? 3_600_000 : grace * 1000 + DEADLINE.query;
      await api.ask(
        {
          method: 'POST',
          path: path(ref, '/stop'),
          query: { t: timeout === undefined ? undefined : Math.ceil(timeout) },
          again: true,
        },
        { doing: `stop ${ref}`, deadline, fine: [304, 404], signal },
      );
    },
    remove: async (ref, { force, anonymous_volumes }, signal) => {
      const answer = await api.ask(
        { method: 'DELETE', path: path(ref), query: { force, v: anonymous_volumes }, again: true },
        { doing: `remove ${ref}`, deadline: DEADLINE.mutate, fine: [404, 409], signal },
      );
      if (answer.status === 409 && !/already in progress/i.test(answer.body))
        throw new ContractError('wrong_state', `remove ${ref}: ${answer.body.trim()}`);
      await waitGone(async () => (await inspect(ref, signal)) === undefined, ref, signal);
    },
    rename: async (ref, to, signal) => {
      const answer = await api.ask(
        { method: 'POST', path: path(ref, '/rename'), query: { name: pathSegment(to) } },
        { doing: `rename ${ref}`, deadline: DEADLINE.mutate, fine: [409], signal },
      );
      if (answer.status === 409)
        throw new ContractError('name_conflict', `rename ${ref}: the name ${to} is taken`);
    },
    update: async (ref, { memory_limit, cpu_limit, restart_policy }, signal) => {
      const body = {
        RestartPolicy: dockerPolicy(restart_policy),
        // Twice the memory is what the engine itself sets for swap; it refuses a limit above the old one’s swap.
        ...(memory_limit !== undefined && { Memory: memory_limit, MemorySwap: 2 * memory_limit }),
        ...(cpu_limit !== undefined && { NanoCpus: nanoCpus(cpu_limit) }),
      };
      await api.ask(
        { method: 'POST', path: path(ref, '/update'), body, again: true },
        { doing: `update ${ref}`, deadline: DEADLINE.mutate, signal },
      );
    },
    logs: (ref, query, signal) => readLogs(api, ref, query, signal),
  };
}

/** The engine’s label filter; an empty value means any. */
export function labelFilter(labels: Readonly<Record<string, string>> = {}): string | undefined {
  const wanted = Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return wanted.length === 0 ? undefined : JSON.stringify({ label: wanted });
}

function summary(info: ContainerInfo): ContainerSummary {
  return {
    id: info.Id,
    name: (info.Names[0] ?? '').replace(/^\//, ''),
    image: info.Image,
    image_id: info.ImageID,
    state: stateOf(info.State),
    created_at: new Date(info.Created * 1000).toISOString(),
    labels: info.Labels ?? {},
    ports: (info.Ports ?? []).flatMap(({ IP, PublicPort, PrivatePort, Type }) =>
      PublicPort === undefined
        ? []
        : [
            {
              host_ip: IP ?? '',
              host: PublicPort,
              container: PrivatePort,
              protocol: Type === 'udp' || Type === 'sctp' ? Type : ('tcp' as const),
            },
          ],
    ),
    networks: Object.entries(info.NetworkSettings?.Networks ?? {}).map(([network, { IPAddress }]) => ({
      network,
      ...(IPAddress && { ip: IPAddress }),
    })),
  };
}
