import type { MapWords } from './unresolved.ts';

/**
 * An image as a map means it: without a slash it is of the map’s `repository`, with a slash at its beginning it is not; without a
 * tag and digest it has the map’s `default_tag`. A colon before a slash is a port. `sha256:…` is an id and stays.
 */
export function imageInMap(
  image: string,
  { repository, default_tag }: Pick<MapWords, 'repository' | 'default_tag'>,
): string {
  if (/^sha256:[0-9a-f]{64}$/.test(image)) return image;
  const isApart = image.startsWith('/');
  const bare = isApart ? image.slice(1) : image;
  const name = !isApart && repository !== undefined && !bare.includes('/') ? `${repository}/${bare}` : bare;
  const last = name.slice(name.lastIndexOf('/') + 1);
  return default_tag === undefined || /[:@]/.test(last) ? name : `${name}:${default_tag}`;
}
