import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import { parseImageReference } from '../image-reference.ts';
import type { ImageCalls, PullOptions } from '../port/image-calls.ts';
import { type Registries, resolveImage } from '../registries.ts';
import type { Api } from './api.ts';
import { authHeader } from './registry-auth.ts';
import { withRegistry } from './with-registry.ts';

/** Pull one tag or digest, and prove it by an inspect. Every failure has its own code; silence for `stall_ms` is image_stalled. */
export async function pullImage(
  { api, registries }: { readonly api: Api; readonly registries: Registries },
  inspect: ImageCalls['inspect'],
  ref: string,
  { platform, auth, stall_ms, onProgress }: PullOptions,
  signal?: AbortSignal,
): Promise<ObservedImage> {
  const reference = parseImageReference(resolveImage(ref, registries));
  const { repository, tag, digest, text, id, registry } = reference;
  if (id !== undefined)
    throw new ContractError('image_not_found', `${ref} is an id, and no such image is on the engine`);
  const known = auth ?? (await registries.credentials.of(registry, signal));
  await withRegistry({
    api,
    asking: {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: repository, tag: digest ?? tag, platform },
      ...(known && { headers: authHeader(known) }),
    },
    about: reference,
    doing: { verb: 'pull', otherwise: 'image_pull_failed' },
    auth: known,
    stall_ms,
    onProgress,
    signal,
  });
  const pulled = await inspect(text, signal);
  if (pulled === undefined)
    throw new ContractError('image_pull_failed', `the pull of ${text} ended, but the image is not there`);
  return pulled;
}
