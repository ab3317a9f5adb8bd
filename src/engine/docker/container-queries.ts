import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import { observedContainer, observedPort, stateOf, withoutTwins } from '../from-docker.ts';
import type { ContainerCalls, ContainerSummary } from '../port/container-calls.ts';
import { pathSegment } from '../references.ts';
import { DEFAULT_STOP_TIMEOUT } from '../to-docker.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { isAmbiguous, isExactly } from './exact-ref.ts';
import { listFilter } from './list-filter.ts';

/** What is asked of containers without changing them, for the port and for the mutations’ own needs. */
export interface ContainerQueries extends Pick<ContainerCalls, 'inspect' | 'list'> {
  /** What is safe to name in a mutation; undefined when there is no such container. */
  exact(ref: string, signal: AbortSignal | undefined): Promise<string | undefined>;
  /** The same, or not_found. */
  existing(ref: string, signal: AbortSignal | undefined): Promise<string>;
  /** Seconds that its own stop may take; 0 when it is gone. */
  grace(ref: string, signal: AbortSignal | undefined): Promise<number>;
}

/** A path below one container. */
export function containerPath(ref: string, rest = ''): string {
  return `/containers/${pathSegment(ref)}${rest}`;
}

export function containerQueries(api: Api): ContainerQueries {
  const raw = async (
    ref: string,
    signal: AbortSignal | undefined,
  ): Promise<(ContainerInspectInfo & { readonly Config: { readonly StopTimeout?: number } }) | undefined> => {
    const answer = await api.ask(
      { method: 'GET', path: containerPath(ref, '/json') },
      { doing: `inspect ${ref}`, fine: [404], signal },
    );
    return answer.status === 404 ? undefined : bodyOf(answer);
  };
  const inspect: ContainerCalls['inspect'] = async (ref, signal) => {
    const info = await raw(ref, signal);
    const seen = info === undefined ? undefined : observedContainer(info);
    return seen !== undefined && isExactly(ref, seen) ? seen : undefined;
  };
  const exact: ContainerQueries['exact'] = async (ref, signal) =>
    isAmbiguous(ref) ? (await inspect(ref, signal))?.id : ref;
  return {
    inspect,
    exact,
    existing: async (ref, signal) => {
      const found = await exact(ref, signal);
      if (found === undefined) throw new ContractError('not_found', `no container ${ref} on the engine`);
      return found;
    },
    grace: async (ref, signal) => {
      const info = await raw(ref, signal);
      return info === undefined ? 0 : (info.Config.StopTimeout ?? DEFAULT_STOP_TIMEOUT);
    },
    list: async ({ labels, size = false, exit_code }, signal) => {
      const filters = listFilter({ ...(labels && { labels }), exit_code });
      const answer = await api.ask(
        { method: 'GET', path: '/containers/json', query: { all: 1, size, filters } },
        { doing: 'list containers', deadline: size ? DEADLINE.mutate : DEADLINE.query, signal },
      );
      const found = bodyOf<ContainerInfo[]>(answer).map(summary);
      return exit_code === undefined ? found : found.map((one) => ({ ...one, exit_code }));
    },
  };
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
    ...sizesOf(info),
    networks: Object.entries(info.NetworkSettings?.Networks ?? {}).map(([network, { IPAddress }]) => ({
      network,
      ...(IPAddress && { ip: IPAddress }),
    })),
  };
}

/** The engine leaves them out unless asked, and writes no zero for what a container wrote. */
function sizesOf(
  info: ContainerInfo & { readonly SizeRw?: number; readonly SizeRootFs?: number },
): Pick<ContainerSummary, 'size_written' | 'size_total'> {
  return info.SizeRootFs === undefined ? {} : { size_written: info.SizeRw ?? 0, size_total: info.SizeRootFs };
}
