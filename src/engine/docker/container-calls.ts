import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerCalls, ContainerSummary } from '../engine.ts';
import { answerError } from '../engine-errors.ts';
import { observedContainer, observedPort, stateOf, withoutTwins } from '../from-docker.ts';
import { pathSegment } from '../references.ts';
import { DEFAULT_STOP_TIMEOUT, dockerPolicy, nanoCpus, toDocker } from '../to-docker.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { createFailure, startFailure } from './container-failures.ts';
import { isAmbiguous, isExactly } from './exact-ref.ts';
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
    if (answer.status === 404) return undefined;
    const seen = observedContainer(bodyOf<ContainerInspectInfo>(answer));
    return isExactly(ref, seen) ? seen : undefined;
  };
  /** What is safe to name in a mutation; undefined when there is no such container. */
  const exact = async (ref: string, signal: AbortSignal | undefined): Promise<string | undefined> =>
    isAmbiguous(ref) ? (await inspect(ref, signal))?.id : ref;
  const existing = async (ref: string, signal: AbortSignal | undefined): Promise<string> => {
    const found = await exact(ref, signal);
    if (found === undefined) throw new ContractError('not_found', `no container ${ref} on the engine`);
    return found;
  };
  const list: ContainerCalls['list'] = async ({ labels }, signal) => {
    const answer = await api.ask(
      { method: 'GET', path: '/containers/json', query: { all: 1, filters: labelFilter(labels) } },
      { doing: 'list containers', signal },
    );
    return bodyOf<ContainerInfo[]>(answer).map(summary);
  };
  const graceOf = async (ref: string, signal: AbortSignal | undefined): Promise<number> => {
    const answer = await api.ask(
      { method: 'GET', path: path(ref, '/json') },
      { doing: `inspect ${ref}`, fine: [404], signal },
    );
    if (answer.status === 404) return 0;
    return bodyOf<{ Config: { StopTimeout?: number } }>(answer).Config.StopTimeout ?? DEFAULT_STOP_TIMEOUT;
  };
  return {
    inspect,
    list,
    create: async (request, signal) => {
      const body = toDocker(request, await api.version(signal));
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
      const target = await existing(ref, signal);
      try {
        // Not asked twice: what ended at once would run a second time.
        await api.ask(
          { method: 'POST', path: path(target, '/start') },
          { doing: `start ${ref}`, deadline: DEADLINE.mutate, fine: [304], signal },
        );
      } catch (error) {
        throw await startFailure(error, ref, list);
      }
    },
    stop: async (ref, { timeout }, signal) => {
      const target = await exact(ref, signal);
      if (target === undefined) return;
      const grace = timeout ?? (await graceOf(target, signal));
      await api.ask(
        {
          method: 'POST',
          path: path(target, '/stop'),
          query: { t: timeout === undefined ? undefined : Math.ceil(timeout) },
          again: true,
        },
        { doing: `stop ${ref}`, deadline: grace * 1000 + DEADLINE.query, fine: [304, 404], signal },
      );
    },
    remove: async (ref, { force, anonymous_volumes }, signal) => {
      const target = await exact(ref, signal);
      if (target === undefined) return;
      const answer = await api.ask(
        { method: 'DELETE', path: path(target), query: { force, v: anonymous_volumes }, again: true },
        { doing: `remove ${ref}`, deadline: DEADLINE.mutate, fine: [404, 409], signal },
      );
      if (answer.status === 409 && !/already in progress/i.test(answer.body))
        throw answerError(409, answer.body, `remove ${ref}`);
      await waitGone(async () => (await inspect(target, signal)) === undefined, ref, signal);
    },
    rename: async (ref, to, signal) => {
      const answer = await api.ask(
        {
          method: 'POST',
          path: path(await existing(ref, signal), '/rename'),
          query: { name: pathSegment(to) },
        },
        { doing: `rename ${ref}`, deadline: DEADLINE.mutate, fine: [409], signal },
      );
      if (answer.status === 409)
        throw new ContractError('name_conflict', `rename ${ref}: the name ${to} is taken`);
    },
    update: async (ref, { memory_limit, cpu_limit, restart_policy }, signal) => {
      const seen = await inspect(ref, signal);
      if (seen === undefined) throw new ContractError('not_found', `no container ${ref} on the engine`);
      const cleared = [
        ...(memory_limit === undefined && seen.memory_limit !== undefined ? ['memory_limit'] : []),
        ...(cpu_limit === undefined && seen.cpu_limit !== undefined ? ['cpu_limit'] : []),
      ];
      if (cleared.length > 0)
        throw new ContractError('unsupported', `the engine cannot take ${cleared.join(' and ')} off ${ref}`);
      const body = {
        RestartPolicy: dockerPolicy(restart_policy),
        // Twice the memory is what the engine itself sets for swap; it refuses a limit above the old one’s swap.
        ...(memory_limit !== undefined && { Memory: memory_limit, MemorySwap: 2 * memory_limit }),
        ...(cpu_limit !== undefined && { NanoCpus: nanoCpus(cpu_limit) }),
      };
      await api.ask(
        { method: 'POST', path: path(seen.id, '/update'), body, again: true },
        { doing: `update ${ref}`, deadline: DEADLINE.mutate, signal },
      );
    },
    logs: async function* (ref, query, signal) {
      yield* readLogs(api, await existing(ref, signal), query, signal);
    },
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
    name: (info.Names?.[0] ?? '').replace(/^\//, ''),
    image: info.Image,
    image_id: info.ImageID,
    state: stateOf(info.State),
    created_at: new Date(info.Created * 1000).toISOString(),
    labels: info.Labels ?? {},
    ports: withoutTwins(
      (info.Ports ?? []).flatMap(({ IP, PublicPort, PrivatePort, Type }) =>
        PublicPort === undefined ? [] : [observedPort(IP ?? '', PublicPort, PrivatePort, Type)],
      ),
    ),
    networks: Object.entries(info.NetworkSettings?.Networks ?? {}).map(([network, { IPAddress }]) => ({
      network,
      ...(IPAddress && { ip: IPAddress }),
    })),
  };
}
