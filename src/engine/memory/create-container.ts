import { ContractError } from '../../../contracts/contract-error.ts';
import { limitFields } from '../../plan/in-place.ts';
import { attachmentsOf, imageOf } from '../../plan/mentioned.ts';
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
  const joined = networksOf(request);
  for (const network of joined.keys())
    if (findNetwork(world, network) === undefined && network !== 'default')
      throw new ContractError('not_found', `create ${request.name}: network ${network} not found`);
  programOf(request.spec);
  const container = newContainer(world, request, image.id, joined);
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
  networks: MemoryContainer['networks'],
): MemoryContainer {
  const { restart_policy, spec } = request;
  return {
    id: world.newId(),
    name: request.name,
    request,
    image_id,
    created_at: world.stamp(),
    limits: { restart_policy, ...limitFields(spec) },
    state: 'created',
    exit_code: 0,
    restart_count: 0,
    networks,
    host_ports: [],
    log: newLog(),
    watchers: new Set(),
  };
}

/** Aliases by the network that it is on; the engine's own has none. */
function networksOf({ spec, aliases }: CreateContainer): MemoryContainer['networks'] {
  const joined = attachmentsOf(spec, aliases);
  if (joined.length === 0) return new Map([[spec.network ?? spec.network_mode ?? 'bridge', []]]);
  return new Map(joined.map((one) => [one.network, one.aliases]));
}

/** The error that names who has the name. */
export function nameTaken(name: string, { id }: MemoryContainer): ContractError {
  return new ContractError('name_conflict', `the name ${name} is taken by container ${id.slice(0, 12)}`, {
    details: { holder: id },
  });
}
