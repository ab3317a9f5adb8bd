import { Readable } from 'node:stream';
import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError } from '../engine-errors.ts';
import { fileStat } from '../file-stat-from-docker.ts';
import { parseImageReference } from '../image-reference.ts';
import type { FileCalls, FileChange } from '../port/file-calls.ts';
import { pathSegment } from '../references.ts';
import type { Asking } from '../transport/dial.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { containerPath, containerQueries } from './container-queries.ts';

const KINDS = ['modified', 'added', 'deleted'] as const;
const STAT = 'x-docker-container-path-stat';
/** A commit of a large container writes all that it changed. */
const COMMIT_MS = 600_000;

/** Files of containers over the Docker API. */
export function fileCalls(api: Api): FileCalls {
  const { existing, inspect } = containerQueries(api);
  /** Says whether it is the container or the path that is not there. */
  const missing = async (
    ref: string,
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<ContractError> =>
    new ContractError(
      'not_found',
      (await inspect(ref, signal)) === undefined
        ? `no container ${ref} on the engine`
        : `there is no ${what} in ${ref}`,
    );
  const archive = (target: string, path: string): Pick<Asking, 'path' | 'query'> => ({
    path: containerPath(target, '/archive'),
    query: { path },
  });
  const stream = async (
    asking: Asking,
    { ref, what, signal }: { readonly ref: string; readonly what: string; readonly signal: AbortSignal },
  ): Promise<Awaited<ReturnType<Api['open']>>> => {
    try {
      return await api.open(asking, { doing: `read ${what} of ${ref}`, deadline: DEADLINE.mutate, signal });
    } catch (error) {
      if (error instanceof ContractError && error.code === 'not_found')
        throw await missing(ref, what, signal);
      throw error;
    }
  };
  return {
    changes: async (ref, signal) => {
      const answer = await api.ask(
        { method: 'GET', path: containerPath(await existing(ref, signal), '/changes') },
        { doing: `changes of ${ref}`, deadline: DEADLINE.mutate, signal },
      );
      const seen: unknown = JSON.parse(answer.body);
      // An engine with nothing to tell says null.
      if (!Array.isArray(seen)) return [];
      return seen.map(
        ({ Path, Kind }: { Path: string; Kind: number }): FileChange => ({
          path: Path,
          kind: KINDS[Kind] ?? 'modified',
        }),
      );
    },
    stat: async (ref, path, signal) => {
      const target = await existing(ref, signal);
      const answer = await api.ask(
        { method: 'HEAD', ...archive(target, path), again: true },
        { doing: `look at ${path} of ${ref}`, fine: [404], signal },
      );
      if (answer.status === 404) throw await missing(ref, path, signal);
      return fileStat(answer.headers[STAT]);
    },
    read: async (ref, path, signal) => {
      const target = await existing(ref, signal);
      const response = await stream({ method: 'GET', ...archive(target, path) }, { ref, what: path, signal });
      return { stat: fileStat(response.headers[STAT]), tar: bytesOf(response, api, signal) };
    },
    export: async (ref, signal) => {
      const path = containerPath(await existing(ref, signal), '/export');
      const response = await stream({ method: 'GET', path }, { ref, what: 'the file system', signal });
      return bytesOf(response, api, signal);
    },
    write: async (ref, path, tar, { keep_types, keep_owners }, signal) => {
      const target = await existing(ref, signal);
      const query = { path, noOverwriteDirNonDir: keep_types ? 1 : 0, copyUIDGID: keep_owners ? 1 : 0 };
      try {
        await upload(api, { method: 'PUT', path: containerPath(target, '/archive'), query }, tar, {
          doing: `write to ${path} of ${ref}`,
          signal,
        });
      } catch (error) {
        if (!(error instanceof ContractError)) throw error;
        if (error.code === 'not_found') throw await missing(ref, path, signal);
        // Nothing is denied to us: it is the container that may not be written to there.
        if (error.code === 'engine_denied')
          throw new ContractError('engine_refused', error.message, { cause: error });
        throw error;
      }
    },
    commit: async (ref, { image, author, comment, pause, changes }, signal) => {
      const container = await existing(pathSegment(ref), signal);
      const named = image === undefined ? undefined : parseImageReference(image);
      const query = {
        container,
        repo: named?.repository,
        tag: named?.tag,
        author,
        comment,
        pause,
        changes: changes.join('\n') || undefined,
      };
      const answer = await api.ask(
        { method: 'POST', path: '/commit', query },
        { doing: `commit ${ref}`, deadline: COMMIT_MS, signal },
      );
      return bodyOf<{ readonly Id: string }>(answer).Id;
    },
  };
}

/** The body as it comes; leaving it ends it. Throws as every call does. */
async function* bytesOf(
  response: Awaited<ReturnType<Api['open']>>,
  { transport }: Api,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
    // A chunked body that was cut off ends like a whole one, but for this.
    if (!response.complete)
      throw new ContractError('engine_unreachable', `the engine at ${transport.host} broke off its answer`);
  } catch (error) {
    throw connectionError(error, transport.host, signal);
  } finally {
    response.destroy();
  }
}

/** Send a tar. Throws invalid_input when it cannot be read. */
async function upload(
  api: Api,
  asking: Asking,
  tar: AsyncIterable<Uint8Array>,
  { doing, signal }: { readonly doing: string; readonly signal: AbortSignal },
): Promise<void> {
  const ending = new AbortController();
  const body = Readable.from(tar, { objectMode: false });
  let unreadable: Error | undefined;
  body.on('error', (error) => {
    unreadable = error;
    ending.abort(error);
  });
  try {
    const response = await api.open(
      { ...asking, upload: body, headers: { 'content-type': 'application/x-tar' } },
      { doing, deadline: DEADLINE.upload, signal: AbortSignal.any([signal, ending.signal]) },
    );
    for await (const _ of response);
  } catch (error) {
    if (unreadable instanceof ContractError) throw unreadable;
    if (unreadable !== undefined && !signal.aborted)
      throw new ContractError('invalid_input', `${doing}: the tar cannot be read: ${unreadable.message}`, {
        cause: unreadable,
      });
    if (error instanceof ContractError && error.code === 'engine_failed') throw refusedTar(error);
    throw connectionError(error, api.transport.host, signal);
  } finally {
    ending.abort();
    body.destroy();
  }
}

/** The engine answers 500 also to what is no tar, and where nothing may be written. */
function refusedTar(error: ContractError): ContractError {
  return REFUSED.test(error.message)
    ? new ContractError('engine_refused', error.message, { cause: error })
    : error;
}

const REFUSED = /\btar\b|unexpected EOF|archive|invalid header|not a directory|read-only|cannot overwrite/i;
