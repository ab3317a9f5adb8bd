import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Engine } from '../engine/engine.ts';
import { imageOf } from '../plan/mentioned.ts';

/** Containers of one spec, and which images they were made of. */
export interface OfImage {
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly image_ids: readonly string[];
}

/**
 * Names of those that were made of another image than theirs means now. It is pulled, each once and all of them before this
 * answers; on a dry run only its registry is asked. What is built, or may not be pulled, is never behind. Throws what a pull throws.
 */
export async function behind(
  those: readonly OfImage[],
  { images }: Pick<Engine, 'images'>,
  dry: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const pulled = new Map<string, string>();
  const isSame = async (spec: ContainerSpec): Promise<(id: string) => Promise<boolean>> => {
    const image = imageOf(spec);
    const key = `${image} ${spec.platform ?? ''}`;
    const now =
      pulled.get(key) ??
      (dry
        ? (await images.remote(image, signal)).digest
        : (await images.pull(image, { platform: spec.platform }, signal)).id);
    pulled.set(key, now);
    return dry ? (id) => hasDigest(id, now) : async (id) => id === now;
  };
  const hasDigest = async (id: string, digest: string): Promise<boolean> =>
    (await images.inspect(id, signal))?.digests.some((one) => one.endsWith(`@${digest}`)) ?? false;

  const found: string[] = [];
  for (const { name, spec, image_ids } of those) {
    if (spec.build !== undefined || spec.pull_policy === 'never') continue;
    const same = await isSame(spec);
    const all = await Promise.all([...new Set(image_ids)].map(same));
    if (all.includes(false)) found.push(name);
  }
  return found;
}
