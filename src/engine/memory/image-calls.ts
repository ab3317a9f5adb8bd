import { createHash } from 'node:crypto';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import { parseImageReference } from '../image-reference.ts';
import type { ImageCalls } from '../port/image-calls.ts';
import type { World } from './world.ts';

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
