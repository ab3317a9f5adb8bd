import { createHash } from 'node:crypto';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import { parseImageReference } from '../image-reference.ts';
import type { ImageCalls, ImageFilter } from '../port/image-calls.ts';
import { shownImage } from '../shown-image.ts';
import { hasLabels, type World } from './world.ts';

/** Images by name alone; nothing is in them. */
export function imageCalls(world: World): ImageCalls {
  const find = (ref: string): ObservedImage | undefined => {
    const { text } = parseImageReference(ref);
    return world.images.get(text) ?? [...world.images.values()].find(({ id }) => id === text);
  };
  const keep = (text: string, seed: string, labels: Readonly<Record<string, string>> = {}): ObservedImage => {
    const id = idOf(seed);
    const size = 0;
    const digests = [`${parseImageReference(text).repository}@${id}`];
    const of = { os: 'linux', architecture: 'amd64', config: { env: {} } };
    const image = { id, tags: [text], digests, labels, size, ...of };
    world.images.set(text, { ...image, created_at: world.stamp() });
    return world.images.get(text) ?? image;
  };
  return {
    inspect: async (ref) => find(ref),
    details: async (ref) => {
      const image = find(ref);
      if (image === undefined) return undefined;
      const { os, architecture } = image;
      return { ...shownImage(image), os, architecture, layers: [], env: {}, ports: [], volumes: [] };
    },
    history: async () => {
      throw new ContractError('unsupported', 'images of the memory engine have no history');
    },
    list: async (filter = {}) => listed(world, filter, find),
    pull: async (ref, { onProgress }) => {
      const { text } = parseImageReference(ref);
      if (!world.registry.has(text))
        throw new ContractError('image_not_found', `pull ${text}: no registry has it`);
      onProgress?.({ phase: 'Pull complete', current: 0, total: 0 });
      return world.images.get(text) ?? keep(text, text);
    },
    remote: async (ref) => {
      const { text } = parseImageReference(ref);
      if (!world.registry.has(text))
        throw new ContractError('image_not_found', `look up ${text}: no registry has it`);
      return { digest: world.images.get(text)?.id ?? idOf(text) };
    },
    push: async (ref) => {
      const image = find(ref);
      if (image === undefined)
        throw new ContractError('image_not_found', `push ${ref}: it is not on the engine`);
      world.registry.add(parseImageReference(ref).text);
      return { digest: image.id, size: 0 };
    },
    search: async () => {
      throw new ContractError('unsupported', 'the memory engine has no registry to search');
    },
    login: async () => {
      throw new ContractError('unsupported', 'the memory engine has no registry to log in to');
    },
    save: async () => {
      throw new ContractError('unsupported', 'images of the memory engine have nothing in them to save');
    },
    load: async () => {
      throw new ContractError('unsupported', 'the memory engine takes no layers');
    },
    import: async (tar, ref, { changes: lines = [] }) => {
      const { text } = parseImageReference(ref);
      const hash = createHash('sha256').update(lines.join('\n'));
      for await (const part of tar) hash.update(part);
      const labels = lines.flatMap((line) => {
        const [, name, value] = /^LABEL ([^=\s]+)=(\S+)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value] as const];
      });
      return keep(text, hash.digest('hex'), Object.fromEntries(labels));
    },
    importRemote: async () => {
      throw new ContractError('unsupported', 'the memory engine fetches nothing');
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
      if (image === undefined) return { removed: false, untagged: [], deleted: [] };
      const { text } = parseImageReference(ref);
      const others = image.tags.filter((tag) => tag !== text);
      if (world.images.has(text) && others.length > 0) {
        world.images.delete(text);
        for (const tag of others) world.images.set(tag, { ...image, tags: others });
        return { removed: true, untagged: [text], deleted: [] };
      }
      if ([...world.containers.values()].some(({ image_id }) => image_id === image.id))
        throw new ContractError('wrong_state', `remove image ${ref}: a container uses it`);
      for (const [name, { id }] of world.images) if (id === image.id) world.images.delete(name);
      return { removed: true, untagged: [...image.tags], deleted: [image.id] };
    },
  };
}

/** Each image once, however many names it has. */
function listed(
  world: World,
  { reference, labels, dangling, before, since }: ImageFilter,
  find: (ref: string) => ObservedImage | undefined,
): readonly ObservedImage[] {
  if (reference !== undefined)
    throw new ContractError('unsupported', 'the memory engine knows no patterns of images’ names');
  const made = (ref: string | undefined): string | undefined => {
    if (ref === undefined) return undefined;
    const image = find(ref);
    if (image === undefined) throw new ContractError('image_not_found', `there is no image ${ref}`);
    return image.created_at;
  };
  const [until, from] = [made(before), made(since)];
  const once = new Map([...world.images.values()].map((image) => [image.id, image]));
  return [...once.values()]
    .filter(
      ({ tags, labels: has, created_at = '' }) =>
        hasLabels(has, labels) &&
        (dangling === undefined || (tags.length === 0) === dangling) &&
        (until === undefined || created_at < until) &&
        (from === undefined || created_at > from),
    )
    .toSorted((one, other) => (other.created_at ?? '').localeCompare(one.created_at ?? ''));
}

function idOf(seed: string): string {
  return `sha256:${createHash('sha256').update(seed).digest('hex')}`;
}
