import type { ImageInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import { parseImageReference } from '../image-reference.ts';
import { listedImage } from '../images-from-docker.ts';
import type { ImageFilter } from '../port/image-calls.ts';
import { type Api, bodyOf } from './api.ts';

/** `GET /images/json` with its filters. */
export async function listImages(
  api: Api,
  { all = false, reference, labels = {}, dangling, before, since }: ImageFilter,
  signal: AbortSignal | undefined,
): Promise<readonly ObservedImage[]> {
  const wanted = Object.entries(labels).map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const filters = {
    ...(reference && { reference }),
    ...(wanted.length > 0 && { label: wanted }),
    ...(dangling !== undefined && { dangling: [String(dangling)] }),
    ...(before !== undefined && { before: [parseImageReference(before).text] }),
    ...(since !== undefined && { since: [parseImageReference(since).text] }),
  };
  const answer = await api.ask(
    { method: 'GET', path: '/images/json', query: { all, digests: true, filters: JSON.stringify(filters) } },
    { doing: 'list images', fine: [404], signal },
  );
  if (answer.status === 404)
    throw new ContractError('image_not_found', `there is no image ${before ?? since ?? ''} to compare with`);
  return bodyOf<ImageInfo[]>(answer)
    .toSorted((one, other) => other.Created - one.Created)
    .map(listedImage);
}
