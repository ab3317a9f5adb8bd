import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError } from '../engine-errors.ts';
import { parseImageReference } from '../image-reference.ts';
import { type Registries, resolveImage } from '../registries.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { type Doing, pullFailure, refusedPull } from './pull-failure.ts';
import { authHeader, withoutSecrets } from './registry-auth.ts';

const DOING: Doing = { verb: 'look up', otherwise: 'image_registry_unreachable' };

/** `GET /distribution/{name}/json`: the engine asks the registry, and pulls nothing. */
export async function remoteImage(
  { api, registries }: { readonly api: Api; readonly registries: Registries },
  ref: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly digest: string }> {
  const reference = parseImageReference(resolveImage(ref, registries));
  const { text, id, registry } = reference;
  if (id !== undefined) throw new ContractError('image_not_found', `${ref} is an id: no registry has it`);
  const known = await registries.credentials.of(registry, signal);
  try {
    const answer = await api.ask(
      {
        method: 'GET',
        path: `/distribution/${text.split('/').map(encodeURIComponent).join('/')}/json`,
        ...(known && { headers: authHeader(known) }),
      },
      { doing: `${DOING.verb} ${text}`, deadline: DEADLINE.mutate, signal },
    );
    return { digest: bodyOf<{ readonly Descriptor: { readonly digest: string } }>(answer).Descriptor.digest };
  } catch (error) {
    const failure = connectionError(error, api.transport.host, signal);
    const clean = (said: string): string => withoutSecrets(said, known);
    // The engine hands on that the registry does not know us.
    if (failure.code === 'engine_denied' && failure.details?.['status'] === 401)
      throw pullFailure(reference, clean(`unauthorized: ${failure.message}`), DOING);
    throw refusedPull(reference, failure, DOING, clean);
  }
}
