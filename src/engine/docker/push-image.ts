import { ContractError } from '../../../contracts/contract-error.ts';
import { parseImageReference } from '../image-reference.ts';
import type { PushOptions } from '../port/image-calls.ts';
import { type Registries, resolveImage } from '../registries.ts';
import type { Api } from './api.ts';
import { authHeader } from './registry-auth.ts';
import { withRegistry } from './with-registry.ts';

/** Push one tag. The engine wants to be told who we are even if nobody in particular. */
export async function pushImage(
  { api, registries }: { readonly api: Api; readonly registries: Registries },
  ref: string,
  { auth, stall_ms, onProgress }: PushOptions,
  signal?: AbortSignal,
): Promise<{ readonly digest: string; readonly size: number }> {
  const reference = parseImageReference(resolveImage(ref, registries));
  const { repository, tag, digest, id, registry, text } = reference;
  if (tag === undefined || digest !== undefined || id !== undefined)
    throw new ContractError('invalid_input', `push ${ref}: what is pushed is named by a tag`, {
      next: 'Give it a name with `berth image tag`, and push that.',
    });
  const known = auth ?? (await registries.credentials.of(registry, signal));
  let made: { readonly digest: string; readonly size: number } | undefined;
  await withRegistry({
    api,
    asking: {
      method: 'POST',
      path: `/images/${repository.split('/').map(encodeURIComponent).join('/')}/push`,
      query: { tag },
      headers: authHeader(known),
    },
    about: reference,
    doing: { verb: 'push', otherwise: 'image_push_failed' },
    auth: known,
    stall_ms,
    onProgress,
    onLine: ({ aux }) => {
      if (aux?.Digest !== undefined) made = { digest: aux.Digest, size: aux.Size ?? 0 };
    },
    signal,
  });
  if (made === undefined)
    throw new ContractError('image_push_failed', `the push of ${text} ended without a digest`);
  return made;
}
