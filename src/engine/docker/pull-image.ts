import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import { connectionError } from '../engine-errors.ts';
import { parseImageReference } from '../image-reference.ts';
import type { ImageCalls, PullOptions } from '../port/image-calls.ts';
import { jsonLines } from '../transport/json-lines.ts';
import type { Api } from './api.ts';
import { pullFailure, refusedPull } from './pull-failure.ts';
import { type PullLine, pullProgress } from './pull-progress.ts';

const STALL_MS = 60_000;
/** How much longer a pull may say nothing while it unpacks, and before its first word: the engine tries registries one by one. */
const PATIENCE = 5;

/** Pull one tag or digest, and prove it by an inspect. Every failure has its own code; silence for `stall_ms` is image_stalled. */
export async function pullImage(
  api: Api,
  inspect: ImageCalls['inspect'],
  ref: string,
  { platform, auth, stall_ms = STALL_MS, onProgress }: PullOptions,
  signal?: AbortSignal,
): Promise<ObservedImage> {
  const reference = parseImageReference(ref);
  const { repository, tag, digest, text, id } = reference;
  if (id !== undefined)
    throw new ContractError('image_not_found', `${ref} is an id, and no such image is on the engine`);
  const watch = stallWatch(text, stall_ms);
  const ending = new AbortController();
  const all = AbortSignal.any([watch.signal, ending.signal, ...(signal ? [signal] : [])]);
  try {
    watch.wait(stall_ms * PATIENCE, 'before its first word');
    const response = await api.open(
      {
        method: 'POST',
        path: '/images/create',
        query: { fromImage: repository, tag: digest ?? tag, platform },
        ...(auth && {
          headers: { 'X-Registry-Auth': Buffer.from(JSON.stringify(auth)).toString('base64url') },
        }),
      },
      { doing: `pull ${text}`, deadline: stall_ms * PATIENCE * 2, signal: all },
    );
    const hear = pullProgress();
    watch.wait(stall_ms, 'after its first word');
    for await (const raw of jsonLines(response as AsyncIterable<Buffer>)) {
      const line = raw as PullLine;
      const failure = line.errorDetail?.message ?? line.error;
      if (failure !== undefined) throw pullFailure(reference, failure);
      const { progress, moved, quiet } = hear(line);
      if (moved) watch.wait(stall_ms * (quiet ? PATIENCE : 1), progress.phase);
      onProgress?.(progress);
    }
  } catch (error) {
    throw refusedPull(reference, connectionError(error, api.transport.host, all));
  } finally {
    watch.end();
    ending.abort();
  }
  const pulled = await inspect(text, signal);
  if (pulled === undefined)
    throw new ContractError('image_pull_failed', `the pull of ${text} ended, but the image is not there`);
  return pulled;
}

/** Aborts its signal with image_stalled when nobody asks it to wait again in time. */
function stallWatch(
  text: string,
  stall_ms: number,
): {
  readonly signal: AbortSignal;
  readonly wait: (ms: number, phase: string) => void;
  readonly end: () => void;
} {
  const stalled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: stalled.signal,
    wait: (ms, phase) => {
      clearTimeout(timer);
      const message = `the pull of ${text} made no progress for ${Math.round(Math.max(ms, stall_ms) / 1000)} s (${phase})`;
      timer = setTimeout(() => stalled.abort(new ContractError('image_stalled', message)), ms);
    },
    end: () => clearTimeout(timer),
  };
}
