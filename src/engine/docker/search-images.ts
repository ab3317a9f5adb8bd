import { connectionError } from '../engine-errors.ts';
import type { FoundImage, ImageSearch } from '../port/image-calls.ts';
import type { Registries } from '../registries.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { refusedPull } from './pull-failure.ts';
import { authHeader, withoutSecrets } from './registry-auth.ts';

interface Found {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
}

const DEFAULT_LIMIT = 25;

/** `GET /images/search`. */
export async function searchImages(
  { api, registries }: { readonly api: Api; readonly registries: Registries },
  { term, limit = DEFAULT_LIMIT, stars, official, auth }: ImageSearch,
  signal: AbortSignal | undefined,
): Promise<FoundImage[]> {
  const [first = '', ...rest] = term.split('/');
  const registry = rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : undefined;
  const known = auth ?? (await registries.credentials.of(registry, signal));
  const filters = {
    ...(stars !== undefined && { stars: [String(stars)] }),
    ...(official !== undefined && { 'is-official': [String(official)] }),
  };
  try {
    const answer = await api.ask(
      {
        method: 'GET',
        path: '/images/search',
        query: { term, limit, filters: JSON.stringify(filters) },
        ...(known && { headers: authHeader(known) }),
      },
      { doing: `search ${term}`, deadline: DEADLINE.mutate, signal },
    );
    return bodyOf<Found[]>(answer).map(({ name, description, star_count, is_official }) => ({
      name,
      description: description ?? '',
      stars: star_count,
      official: is_official,
    }));
  } catch (error) {
    const failure = connectionError(error, api.transport.host, signal);
    throw refusedPull(
      { text: term, repository: '' },
      failure,
      { verb: 'search', otherwise: 'image_registry_unreachable' },
      (said) => withoutSecrets(said, known),
    );
  }
}
