import { createHash } from 'node:crypto';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedImage, ObservedNetwork } from '../../plan/observed.ts';
import { parseImageReference } from '../image-reference.ts';
import type { ImageCalls } from '../port/image-calls.ts';
import type { NetworkCalls } from '../port/network-calls.ts';
import type { SystemCalls } from '../port/system-calls.ts';
import type { VolumeCalls } from '../port/volume-calls.ts';
import { pathSegment } from '../references.ts';
import { worldEvents } from './changes.ts';
import {
  findContainer,
  findNetwork,
  hasLabels,
  type MemoryNetwork,
  tell,
  theContainer,
  type World,
} from './world.ts';

/** Images by name alone; nothing is in them. */
export function imageCalls(world: World): ImageCalls {
  const find = (ref: string): ObservedImage | undefined => {
    const { text } = parseImageReference(ref);
    return world.images.get(text) ?? [...world.images.values()].find(({ id }) => id === text);
  };
  const keep = (text: string, seed: string, labels: Readonly<Record<string, string>> = {}): ObservedImage => {
    const id = `sha256:${createHash('sha256').update(seed).digest('hex')}`;
    const image = { id, tags: [text], digests: [], labels, size: 0, os: 'linux', architecture: 'amd64' };
    world.images.set(text, { ...image, created_at: world.stamp() });
    return world.images.get(text) ?? image;
  };
  return {
    inspect: async (ref) => find(ref),
    list: async () => [...world.images.values()],
    pull: async (ref, { onProgress }) => {
      const { text } = parseImageReference(ref);
      if (!world.registry.has(text))
        throw new ContractError('image_not_found', `pull ${text}: no registry has it`);
      onProgress?.({ phase: 'Pull complete', current: 0, total: 0 });
      return world.images.get(text) ?? keep(text, text);
    },
    import: async (tar, ref, lines) => {
      const { text } = parseImageReference(ref);
      const hash = createHash('sha256').update(lines.join('\n'));
      for await (const part of tar) hash.update(part);
      const labels = lines.flatMap((line) => {
        const [, name, value] = /^LABEL ([^=\s]+)=(\S+)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      });
      return keep(text, hash.digest('hex'), Object.fromEntries(labels));
    },
    tag: async (ref, target) => {
      const image = find(ref);
      if (image === undefined) throw new ContractError('image_not_found', `tag ${ref}: no such image`);
      const { text } = parseImageReference(target);
      const tags = [...new Set([...image.tags, text])];
      world.images.set(text, image);
      for (const [name, one] of world.images)
        if (one.id === image.id) world.images.set(name, { ...one, tags });
    },
    remove: async (ref) => {
      const image = find(ref);
      if (image === undefined) return;
      if ([...world.containers.values()].some(({ image_id }) => image_id === image.id))
        throw new ContractError('wrong_state', `remove image ${ref}: a container uses it`);
      for (const [text, { id }] of world.images) if (id === image.id) world.images.delete(text);
    },
  };
}

export function networkCalls(world: World): NetworkCalls {
  const membersOf = (network: string): readonly string[] =>
    [...world.containers.values()]
      .filter((one) => one.networks.has(network) && (one.state === 'running' || one.state === 'paused'))
      .map(({ id }) => id);
  const seen = (one: MemoryNetwork): ObservedNetwork => ({ ...one, container_ids: membersOf(one.name) });
  const the = (ref: string): MemoryNetwork => {
    const found = findNetwork(world, pathSegment(ref));
    if (found === undefined) throw new ContractError('not_found', `no network ${ref} on the engine`);
    return found;
  };
  return {
    list: async ({ labels }) =>
      [...world.networks.values()].filter((one) => hasLabels(one.labels, labels)).map(seen),
    inspect: async (ref) => {
      const found = findNetwork(world, pathSegment(ref));
      return found === undefined ? undefined : seen(found);
    },
    create: async ({ name, driver = 'bridge', internal = false, labels }) => {
      if (world.networks.has(pathSegment(name)))
        throw new ContractError('name_conflict', `a network ${name} is there already`);
      const made = { id: world.newId(), name, driver, internal, labels };
      world.networks.set(name, made);
      tell(world, 'network', 'create', made);
      return { id: made.id };
    },
    remove: async (ref) => {
      const found = findNetwork(world, pathSegment(ref));
      if (found === undefined) return 'absent';
      if (membersOf(found.name).length > 0) return 'in_use';
      world.networks.delete(found.name);
      tell(world, 'network', 'destroy', found);
      return 'removed';
    },
    connect: async (network, container, { aliases }) => {
      const { name } = the(network);
      const { networks } = theContainer(world, pathSegment(container));
      if (!networks.has(name)) networks.set(name, aliases);
    },
    disconnect: async (network, container) => {
      const found = findNetwork(world, pathSegment(network));
      const member = findContainer(world, pathSegment(container));
      if (found !== undefined) member?.networks.delete(found.name);
    },
  };
}

export function volumeCalls(world: World): VolumeCalls {
  const seen = (name: string, labels: Readonly<Record<string, string>>) => ({
    name,
    driver: 'local',
    labels,
  });
  return {
    list: async ({ labels }) =>
      [...world.volumes].filter(([, own]) => hasLabels(own, labels)).map(([name, own]) => seen(name, own)),
    inspect: async (name) => {
      const labels = world.volumes.get(pathSegment(name));
      return labels === undefined ? undefined : seen(name, labels);
    },
    create: async ({ name, labels }) => {
      const own = world.volumes.get(pathSegment(name));
      if (own !== undefined && Object.entries(labels).some(([label, value]) => own[label] !== value))
        throw new ContractError('name_conflict', `a volume ${name} is there already, with other labels`);
      if (own === undefined) world.volumes.set(name, labels);
    },
    remove: async (name) => {
      if (!world.volumes.has(pathSegment(name))) return 'absent';
      const used = [...world.containers.values()].some(
        ({ request }) =>
          (request.spec.volumes ?? []).some((one) => one.name === name) ||
          Object.values(request.keep_volumes).includes(name),
      );
      if (used) return 'in_use';
      world.volumes.delete(name);
      return 'removed';
    },
  };
}

export function systemCalls(world: World): SystemCalls {
  return {
    ping: async () => ({ engine: 'memory', api: '1.45', os: 'linux', architecture: 'amd64' }),
    events: (signal) => worldEvents(world, signal),
  };
}
