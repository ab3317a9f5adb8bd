import type { ImageInspectInfo } from 'dockerode';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import { answerError } from '../engine-errors.ts';
import { observedImage } from '../from-docker.ts';
import { parseImageReference } from '../image-reference.ts';
import { historyEntry, imageDetails, removedImage } from '../images-from-docker.ts';
import type { ImageCalls, ImportOptions } from '../port/image-calls.ts';
import { type Registries, resolveImage } from '../registries.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { listImages } from './list-images.ts';
import { logIn } from './log-in.ts';
import { loadImages, saveImages } from './move-images.ts';
import { pullImage } from './pull-image.ts';
import { pushImage } from './push-image.ts';
import { remoteImage } from './remote-image.ts';
import { searchImages } from './search-images.ts';
import { uploadTar } from './upload-tar.ts';

/** Images over the Docker API. */
export function imageCalls(api: Api, registries: Registries): ImageCalls {
  const resolved = (ref: string): string => resolveImage(ref, registries);
  // A reference may hold slashes; it was parsed, and its pieces are safe in a path.
  const path = (ref: string, rest = ''): string =>
    `/images/${resolved(ref).split('/').map(encodeURIComponent).join('/')}${rest}`;
  const inspect: ImageCalls['inspect'] = async (ref, signal) => {
    const answer = await api.ask(
      { method: 'GET', path: path(ref, '/json') },
      { doing: `inspect image ${ref}`, fine: [404], signal },
    );
    return answer.status === 404 ? undefined : observedImage(bodyOf<ImageInspectInfo>(answer));
  };
  const imported = async (ref: string, signal: AbortSignal | undefined): Promise<ObservedImage> => {
    const made = await inspect(ref, signal);
    if (made === undefined)
      throw new ContractError('engine_failed', `import ${ref}: the engine took it, but does not have it`);
    return made;
  };
  return {
    inspect,
    details: async (ref, signal) => {
      const answer = await api.ask(
        { method: 'GET', path: path(ref, '/json') },
        { doing: `inspect image ${ref}`, fine: [404], signal },
      );
      return answer.status === 404 ? undefined : imageDetails(bodyOf<ImageInspectInfo>(answer));
    },
    history: async (ref, signal) => {
      const answer = await api.ask(
        { method: 'GET', path: path(ref, '/history') },
        { doing: `history of ${ref}`, fine: [404], signal },
      );
      if (answer.status === 404) throw new ContractError('image_not_found', `there is no image ${ref}`);
      return bodyOf<Parameters<typeof historyEntry>[0][]>(answer).map(historyEntry);
    },
    list: (filter = {}, signal) => listImages(api, filter, signal),
    pull: (ref, options, signal) => pullImage({ api, registries }, inspect, ref, options, signal),
    remote: (ref, signal) => remoteImage({ api, registries }, ref, signal),
    push: (ref, options, signal) => pushImage({ api, registries }, ref, options, signal),
    search: (query, signal) => searchImages({ api, registries }, query, signal),
    login: (registry, auth, signal) => logIn(api, registry, auth, signal),
    save: (refs, signal) => saveImages(api, refs.map(resolved), signal),
    load: (tar, signal) => loadImages(api, tar, signal),
    import: async (tar, ref, options, signal) => {
      await importImage(api, { fromSrc: '-', tar }, resolved(ref), options, signal);
      return await imported(ref, signal);
    },
    importRemote: async (url, ref, options, signal) => {
      await importImage(api, { fromSrc: url }, resolved(ref), options, signal);
      return await imported(ref, signal);
    },
    tag: async (ref, target, signal) => {
      const { repository, tag = 'latest' } = parseImageReference(resolved(target));
      const answer = await api.ask(
        { method: 'POST', path: path(ref, '/tag'), query: { repo: repository, tag }, again: true },
        { doing: `tag ${ref}`, deadline: DEADLINE.mutate, fine: [404], signal },
      );
      if (answer.status === 404) throw new ContractError('image_not_found', `there is no image ${ref}`);
    },
    remove: async (ref, { force, keep_parents = false }, signal) => {
      const answer = await api.ask(
        { method: 'DELETE', path: path(ref), query: { force, noprune: keep_parents }, again: true },
        { doing: `remove image ${ref}`, deadline: DEADLINE.mutate, fine: [404, 409], signal },
      );
      if (answer.status === 409) throw answerError(409, answer.body, `remove image ${ref}`);
      if (answer.status === 404) return { removed: false, untagged: [], deleted: [] };
      return removedImage(bodyOf<Parameters<typeof removedImage>[0][number][]>(answer));
    },
  };
}

async function importImage(
  api: Api,
  { fromSrc, tar }: { readonly fromSrc: string; readonly tar?: AsyncIterable<Uint8Array> },
  ref: string,
  { changes, message, platform }: ImportOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { repository, tag, digest, id } = parseImageReference(ref);
  if (tag === undefined || digest !== undefined || id !== undefined)
    throw new ContractError('invalid_input', `import ${ref}: an import is named by a tag`);
  const query = { fromSrc, repo: repository, tag, changes, message, platform };
  await uploadTar(
    api,
    { path: '/images/create', query, ...(tar && { tar }), doing: `import ${ref}` },
    () => undefined,
    signal,
  );
}
