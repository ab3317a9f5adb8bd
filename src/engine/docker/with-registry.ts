import { connectionError } from '../engine-errors.ts';
import type { ImageReference } from '../image-reference.ts';
import type { PullProgress, RegistryAuth } from '../port/image-calls.ts';
import type { Asking } from '../transport/dial.ts';
import { jsonLines } from '../transport/json-lines.ts';
import type { Api } from './api.ts';
import { type Doing, pullFailure, refusedPull } from './pull-failure.ts';
import { type PullLine, pullProgress } from './pull-progress.ts';
import { withoutSecrets } from './registry-auth.ts';
import { stallWatch } from './stall-watch.ts';

const STALL_MS = 60_000;
/** How much longer it may say nothing while it unpacks, and before its first word: the engine tries registries one by one. */
const PATIENCE = 5;

interface Errand {
  readonly api: Api;
  readonly asking: Asking;
  readonly about: ImageReference;
  readonly doing: Doing;
  readonly auth: RegistryAuth | undefined;
  readonly stall_ms: number | undefined;
  readonly onProgress: ((progress: PullProgress) => void) | undefined;
  readonly onLine?: (line: PullLine) => void;
  readonly signal: AbortSignal | undefined;
}

/** Have the engine pull or push, to its end. Every failure has its own code; silence for `stall_ms` is image_stalled. */
export async function withRegistry(errand: Errand): Promise<void> {
  const { api, asking, about, doing, auth, stall_ms = STALL_MS, onProgress, onLine, signal } = errand;
  const watch = stallWatch(`the ${doing.verb} of ${about.text}`, 'image_stalled');
  const ending = new AbortController();
  const all = AbortSignal.any([watch.signal, ending.signal, ...(signal ? [signal] : [])]);
  try {
    watch.wait(stall_ms * PATIENCE, 'before its first word');
    const response = await api.open(asking, {
      doing: `${doing.verb} ${about.text}`,
      deadline: stall_ms * PATIENCE * 2,
      signal: all,
    });
    const hear = pullProgress();
    watch.wait(stall_ms, 'after its first word');
    for await (const raw of jsonLines(response as AsyncIterable<Buffer>)) {
      const line = raw as PullLine;
      const failure = line.errorDetail?.message ?? line.error;
      if (failure !== undefined) throw pullFailure(about, withoutSecrets(failure, auth), doing);
      onLine?.(line);
      // The last line of a push is its digest alone.
      if (line.status === undefined) continue;
      const { progress, moved, quiet } = hear(line);
      if (moved) watch.wait(stall_ms * (quiet ? PATIENCE : 1), progress.phase);
      onProgress?.(progress);
    }
  } catch (error) {
    const known = connectionError(error, api.transport.host, all);
    // The engine hands on that the registry does not know us; what it refuses us itself is another status.
    if (known.code === 'engine_denied' && known.details?.['status'] === 401)
      throw pullFailure(about, withoutSecrets(`unauthorized: ${known.message}`, auth), doing);
    throw refusedPull(about, known, doing, (said) => withoutSecrets(said, auth));
  } finally {
    watch.end();
    ending.abort();
  }
}
