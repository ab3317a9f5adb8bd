import { ContractError } from '../../../contracts/contract-error.ts';
import { imageOf, joinedNetwork } from '../../plan/mentioned.ts';
import { parseImageReference } from '../image-reference.ts';
import type { ContainerCalls, CreateContainer } from '../port/container-calls.ts';
import { pathSegment } from '../references.ts';
import { newLog } from './kept-log.ts';
import { mountsOf } from './observed.ts';
import { programOf } from './program.ts';
import { tellContainer } from './tell-container.ts';
import { findNetwork, holderOf, type MemoryContainer, type World } from './world.ts';

/** Made, with its volumes, and not started. */
export async function createContainer(
  world: World,
  request: CreateContainer,
): ReturnType<ContainerCalls['create']> {
  const holder = holderOf(world, pathSegment(request.name));
  if (holder !== undefined) throw nameTaken(request.name, holder);
  const image = world.images.get(parseImageReference(imageOf(request.spec)).text);
  if (image === undefined)
    throw new ContractError('image_not_found', `create ${request.name}: no such image`);
  const network = request.spec.network ?? 'bridge';
  if (findNetwork(world, network) === undefined && network !== 'default')
    throw new ContractError('not_found', `create ${request.name}: network ${network} not found`);
  programOf(request.spec);
  const container = newContainer(world, request, image.id, network);
  for (const { source, type } of mountsOf(container))
    if (type === 'volume' && !world.volumes.has(source))
      world.volumes.set(source, {
        ...{ name: source, driver: 'local', scope: 'local', options: {}, labels: {} },
      });
  world.containers.set(container.id, container);
  tellContainer(world, 'create', container);
  return { id: container.id, warnings: [] };
}

function newContainer(
  world: World,
  request: CreateContainer,
  image_id: string,
  network: string,
): MemoryContainer {
  const { restart_policy, spec } = request;
  return {
    id: world.newId(),
    name: request.name,
    request,
    image_id,
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
    log: newLog(),
    watchers: new Set(),
  };
}

/** The error that names who has the name. */
export function nameTaken(name: string, { id }: MemoryContainer): ContractError {
  return new ContractError('name_conflict', `the name ${name} is taken by container ${id.slice(0, 12)}`, {
    details: { holder: id },
  });
}
