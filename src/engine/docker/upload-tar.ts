import { Readable } from 'node:stream';
import { ContractError } from '../../../contracts/contract-error.ts';
import { answerError, connectionError } from '../engine-errors.ts';
import type { Asking } from '../transport/dial.ts';
import { jsonLines } from '../transport/json-lines.ts';
import { type Api, DEADLINE } from './api.ts';
import { stallWatch } from './stall-watch.ts';

/** A line of what the engine says meanwhile. */
export interface UploadLine {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** Unpacking says nothing for long on a slow disk. */
const STALL_MS = 600_000;

/**
 * POST a tar as fast as the engine takes it, and hear what it says of it. Throws invalid_input when the tar cannot be read,
 * engine_refused with the engine’s words when it is not what it should be, no_space, and engine_timeout when nothing moves any more.
 */
export async function uploadTar(
  api: Api,
  {
    path,
    query,
    tar,
    doing,
  }: Pick<Asking, 'path' | 'query'> & {
    /** Left out: the engine has what it needs, or fetches it. */
    readonly tar?: AsyncIterable<Uint8Array>;
    readonly doing: string;
  },
  hear: (line: UploadLine) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const ending = new AbortController();
  const watch = stallWatch(doing, 'engine_timeout');
  const all = AbortSignal.any([signal, ending.signal, watch.signal]);
  const upload =
    tar &&
    Readable.from(
      watched(tar, () => watch.wait(STALL_MS, 'sending')),
      { objectMode: false },
    );
  let unreadable: Error | undefined;
  upload?.on('error', (error) => {
    unreadable = error;
  });
  try {
    watch.wait(STALL_MS, 'beginning');
    const response = await api.open(
      {
        method: 'POST',
        path,
        ...(query && { query }),
        ...(upload && { upload, headers: { 'content-type': 'application/x-tar' } }),
      },
      { doing, deadline: DEADLINE.longest, signal: all },
    );
    for await (const raw of jsonLines(response as AsyncIterable<Buffer>)) {
      watch.wait(STALL_MS, 'unpacking');
      const line = raw as UploadLine;
      const failure = line.errorDetail?.message ?? line.error;
      if (failure !== undefined) throw answerError(500, failure, doing);
      hear(line);
    }
  } catch (error) {
    if (unreadable !== undefined && !all.aborted)
      throw new ContractError('invalid_input', `${doing}: the tar cannot be read: ${unreadable.message}`, {
        cause: unreadable,
      });
    const known = connectionError(error, api.transport.host, all);
    // It says so of whatever it cannot unpack, or cannot fetch.
    if (known.code === 'engine_failed' || known.code === 'not_found')
      throw new ContractError('engine_refused', known.message, { cause: error });
    throw known;
  } finally {
    watch.end();
    ending.abort();
    upload?.destroy();
  }
}

async function* watched(tar: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of tar) {
    onChunk();
    yield chunk;
  }
}
