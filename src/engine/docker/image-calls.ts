import { Readable } from 'node:stream';
import type { ImageInfo, ImageInspectInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ImageCalls } from '../engine.ts';
import { observedImage } from '../from-docker.ts';
import { parseImageReference } from '../image-reference.ts';
import { jsonLines } from '../transport/json-lines.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { pullImage } from './pull-image.ts';

/** Images over the Docker API. */
export function imageCalls(api: Api): ImageCalls {
  // A reference may hold slashes; it was parsed, and its pieces are safe in a path.
  const path = (ref: string, rest = ''): string =>
    `/images/${parseImageReference(ref).text.split('/').map(encodeURIComponent).join('/')}${rest}`;
  const inspect: ImageCalls['inspect'] = async (ref, signal) => {
    const answer = await api.ask(
      { method: 'GET', path: path(ref, '/json') },
      { doing: `inspect image ${ref}`, fine: [404], signal },
    );
    return answer.status === 404 ? undefined : observedImage(bodyOf<ImageInspectInfo>(answer));
  };
  return {
    inspect,
    list: async (signal) => {
      const answer = await api.ask({ method: 'GET', path: '/images/json' }, { doing: 'list images', signal });
      return bodyOf<ImageInfo[]>(answer).map(({ Id, RepoTags, RepoDigests, Labels, Size, Created }) => ({
        id: Id,
        tags: RepoTags ?? [],
        digests: RepoDigests ?? [],
        labels: Labels ?? {},
        size: Size,
        created_at: new Date(Created * 1000).toISOString(),
        os: '',
        architecture: '',
      }));
    },
    pull: (ref, options, signal) => pullImage(api, inspect, ref, options, signal),
    import: async (tar, ref, changes, signal = new AbortController().signal) => {
      const { repository, tag = 'latest', text } = parseImageReference(ref);
      const upload = Readable.from(tar, { objectMode: false });
      const response = await api.open(
        {
          method: 'POST',
          path: '/images/create',
          query: { fromSrc: '-', repo: repository, tag, changes },
          upload,
        },
        `import ${ref}`,
        signal,
      );
      for await (const line of jsonLines(response as AsyncIterable<Buffer>)) {
        const { error } = line as { readonly error?: string };
        if (error !== undefined) throw new ContractError('engine_failed', `import ${ref}: ${error}`);
      }
      const made = await inspect(text, signal);
      if (made === undefined)
        throw new ContractError('engine_failed', `import ${ref}: the engine took it, but does not have it`);
      return made;
    },
    remove: async (ref, { force }, signal) => {
      const answer = await api.ask(
        { method: 'DELETE', path: path(ref), query: { force }, again: true },
        { doing: `remove image ${ref}`, deadline: DEADLINE.mutate, fine: [404, 409], signal },
      );
      if (answer.status === 409)
        throw new ContractError('wrong_state', `remove image ${ref}: ${answer.body.trim()}`);
    },
  };
}
