import { ContractError } from '../../../contracts/contract-error.ts';
import { imageOf, joinedNetwork } from '../../plan/mentioned.ts';
import type { ObservedContainer, ObservedMount, ObservedPort } from '../../plan/observed.ts';
import type { ContainerCalls } from '../engine.ts';
import { parseImageReference } from '../image-reference.ts';
import { pathSegment } from '../references.ts';
import { readLog } from './log.ts';
import { programOf } from './program.ts';
import { finish, run } from './run.ts';
import {
  findContainer,
  findNetwork,
  hasLabels,
  type MemoryContainer,
  tell,
  theContainer,
  type World,
} from './world.ts';

const FIRST_PORT = 32_768;
/** As a process that was asked to end by SIGTERM. */
const TERMINATED = 143;
const ANONYMOUS = /^[0-9a-f]{64}$/;

/** Containers that run nothing, but are created, started, stopped and removed as an engine does it. */
export function containerCalls(world: World): ContainerCalls {
  return {
    list: async ({ labels }) =>
      [...world.containers.values()]
        .filter((one) => hasLabels(labelsOf(one), labels))
        .map((one) => {
          const { id, name, image, image_id, state, created_at, ports, networks } = observed(world, one);
          return { id, name, image, image_id, state, created_at, ports, networks, labels: labelsOf(one) };
        }),
    inspect: async (ref) => {
      const found = findContainer(world, pathSegment(ref));
      return found === undefined ? undefined : observed(world, found);
    },
    create: async (request) => {
      const holder = findContainer(world, pathSegment(request.name));
      if (holder !== undefined) throw nameTaken(request.name, holder);
      const image = world.images.get(parseImageReference(imageOf(request.spec)).text);
      if (image === undefined)
        throw new ContractError('image_not_found', `create ${request.name}: no such image`);
      const network = request.spec.network ?? 'bridge';
      if (findNetwork(world, network) === undefined && network !== 'default')
        throw new ContractError('not_found', `create ${request.name}: network ${network} not found`);
      programOf(request.spec);
      const { restart_policy, spec } = request;
      const container: MemoryContainer = {
        id: world.newId(),
        name: request.name,
        request,
        image_id: image.id,
        created_at: world.stamp(),
        limits: {
          restart_policy,
          ...(spec.memory_limit !== undefined && { memory_limit: spec.memory_limit }),
          ...(spec.cpu_limit !== undefined && { cpu_limit: spec.cpu_limit }),
        },
        state: 'created',
        exit_code: 0,
        restart_count: 0,
        networks: new Map([[network, joinedNetwork(spec) === undefined ? [] : request.aliases]]),
        host_ports: [],
        log: [],
      };
      for (const { source, type } of mountsOf(container))
        if (type === 'volume' && !world.volumes.has(source)) world.volumes.set(source, {});
      world.containers.set(container.id, container);
      tell(world, 'container', 'create', container);
      return { id: container.id, warnings: [] };
    },
    start: async (ref) => {
      const container = theContainer(world, pathSegment(ref));
      if (container.state === 'running' || container.state === 'restarting') return;
      for (const network of container.networks.keys())
        if (findNetwork(world, network) === undefined && network !== 'default')
          throw new ContractError('not_found', `start ${ref}: network ${network} not found`);
      container.host_ports = publish(world, container);
      container.restart_count = 0;
      run(world, container);
    },
    stop: async (ref) => {
      const container = findContainer(world, pathSegment(ref));
      if (container === undefined || container.end === undefined) return;
      finish(world, container, container.state === 'restarting' ? container.exit_code : TERMINATED);
      tell(world, 'container', 'stop', container);
    },
    remove: async (ref, { force, anonymous_volumes }) => {
      const container = findContainer(world, pathSegment(ref));
      if (container === undefined) return;
      if (container.end !== undefined) {
        if (!force) throw new ContractError('wrong_state', `remove ${ref}: it is running`);
        finish(world, container, 137);
      }
      world.containers.delete(container.id);
      if (anonymous_volumes)
        for (const { source, anonymous } of mountsOf(container)) if (anonymous) world.volumes.delete(source);
      tell(world, 'container', 'destroy', container);
    },
    rename: async (ref, to) => {
      const container = theContainer(world, pathSegment(ref));
      const holder = findContainer(world, pathSegment(to));
      if (holder !== undefined) throw nameTaken(to, holder);
      container.name = to;
      tell(world, 'container', 'rename', container);
    },
    update: async (ref, limits) => {
      const container = theContainer(world, pathSegment(ref));
      const { memory_limit, cpu_limit } = container.limits;
      if (
        (memory_limit !== undefined && limits.memory_limit === undefined) ||
        (cpu_limit !== undefined && limits.cpu_limit === undefined)
      )
        throw new ContractError('unsupported', `the engine cannot take a limit off ${ref}`);
      container.limits = limits;
      tell(world, 'container', 'update', container);
    },
    logs: (ref, query, signal) => readLog(world, pathSegment(ref), query, signal),
  };
}

function nameTaken(name: string, { id }: MemoryContainer): ContractError {
  return new ContractError('name_conflict', `the name ${name} is taken by container ${id.slice(0, 12)}`, {
    details: { holder: id },
  });
}

function labelsOf({ request }: MemoryContainer): Readonly<Record<string, string>> {
  return { ...request.spec.labels, ...request.labels };
}

/** Host ports for what is published, the picked ones included. Throws port_conflict. */
function publish(world: World, container: MemoryContainer): readonly number[] {
  const holders = new Map(
    [...world.containers.values()].flatMap((one) =>
      one.id === container.id
        ? []
        : portsOf(one).map(({ host, protocol }) => [`${host}/${protocol}`, one] as const),
    ),
  );
  let next = FIRST_PORT;
  return (container.request.spec.ports ?? []).map(({ host, protocol = 'tcp' }) => {
    while (host === undefined && holders.has(`${next}/${protocol}`)) next += 1;
    const port = host ?? next++;
    const holder = holders.get(`${port}/${protocol}`);
    if (holder !== undefined)
      throw new ContractError('port_conflict', `port ${port} is taken by container ${holder.name}`, {
        details: { port, holder: holder.id, holder_name: holder.name },
      });
    return port;
  });
}

function portsOf({ host_ports, request }: MemoryContainer): readonly ObservedPort[] {
  return (request.spec.ports ?? []).flatMap(({ container, protocol = 'tcp', host_ip = '0.0.0.0' }, index) => {
    const host = host_ports[index];
    return host === undefined ? [] : [{ host_ip, host, container, protocol }];
  });
}

function mountsOf({ request }: MemoryContainer): readonly ObservedMount[] {
  const declared = (request.spec.volumes ?? []).map(
    ({ host, name, container, mode = 'rw' }): ObservedMount => ({
      type: host === undefined ? 'volume' : 'bind',
      container,
      source: host ?? name ?? '',
      anonymous: false,
      mode,
    }),
  );
  const kept = Object.entries(request.keep_volumes).map(
    ([container, source]): ObservedMount => ({
      type: 'volume',
      container,
      source,
      anonymous: ANONYMOUS.test(source),
      mode: 'rw',
    }),
  );
  return [
    ...declared,
    ...kept.filter(({ container }) => declared.every((one) => one.container !== container)),
  ];
}

function observed(world: World, one: MemoryContainer): ObservedContainer {
  return {
    id: one.id,
    name: one.name,
    image: parseImageReference(imageOf(one.request.spec)).text,
    image_id: one.image_id,
    state: one.state,
    health: 'none',
    ...(one.state === 'exited' && { exit_code: one.exit_code }),
    oom_killed: false,
    created_at: one.created_at,
    ...(one.started_at !== undefined && { started_at: one.started_at }),
    ...(one.finished_at !== undefined && { finished_at: one.finished_at }),
    restart_count: one.restart_count,
    ...one.limits,
    labels: labelsOf(one),
    ports: portsOf(one),
    networks: [...one.networks].map(([network, aliases]) => ({
      network,
      network_id: findNetwork(world, network)?.id ?? '',
      aliases,
    })),
    mounts: mountsOf(one),
    tty: false,
    open_stdin: one.request.spec.interactive ?? false,
    log_driver: 'memory',
  };
}
