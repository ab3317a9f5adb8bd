import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { ObservedImage } from '../../plan/observed.ts';
import type { ImageCalls, PullOptions } from '../engine.ts';
import { connectionError } from '../engine-errors.ts';
import { parseImageReference } from '../image-reference.ts';
import { jsonLines } from '../transport/json-lines.ts';
import type { Api } from './api.ts';

interface Progress {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string; readonly code?: number };
}

const STALL_MS = 60_000;
/** Unpacking says nothing for long on a slow disk. */
const QUIET_PHASES = /Extracting|Verifying/;

const FAILURES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/toomanyrequests|rate limit|too many requests/i, 'image_rate_limited'],
  [/no space left/i, 'no_space'],
  [/unauthorized|authentication required|no basic auth|denied|forbidden/i, 'image_denied'],
  [/not found|manifest unknown|name unknown|does not exist|no such image/i, 'image_not_found'],
  [
    /dial tcp|no such host|connection refused|i\/o timeout|timeout|TLS|x509|EOF|reset by peer|server misbehaving|context deadline/i,
    'image_registry_unreachable',
  ],
];

/** Pull one tag or digest, and prove it by an inspect. Every failure has its own code; silence for `stall_ms` is image_stalled. */
export async function pullImage(
  api: Api,
  inspect: ImageCalls['inspect'],
  ref: string,
  { platform, auth, stall_ms = STALL_MS, onProgress }: PullOptions,
  signal?: AbortSignal,
): Promise<ObservedImage> {
  const { repository, tag, digest, text, id } = parseImageReference(ref);
  if (id !== undefined)
    throw new ContractError('image_not_found', `${ref} is an id, and no such image is on the engine`);
  const stall = new AbortController();
  const all = AbortSignal.any([stall.signal, ...(signal ? [signal] : [])]);
  let timer = setTimeout(() => undefined, 0);
  const alive = (phase: string): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        stall.abort(
          new ContractError(
            'image_stalled',
            `the pull of ${text} made no progress for ${Math.round(stall_ms / 1000)} s (${phase})`,
          ),
        ),
      stall_ms * (QUIET_PHASES.test(phase) ? 5 : 1),
    );
  };
  try {
    alive('connecting');
    const headers =
      auth === undefined
        ? undefined
        : { 'X-Registry-Auth': Buffer.from(JSON.stringify(auth)).toString('base64url') };
    const query = { fromImage: repository, tag: digest ?? tag, platform };
    const response = await api.open(
      { method: 'POST', path: '/images/create', query, ...(headers && { headers }) },
      `pull ${text}`,
      all,
    );
    const sum = layerSum();
    for await (const line of jsonLines(response as AsyncIterable<Buffer>)) {
      const progress = line as Progress;
      const failure = progress.errorDetail?.message ?? progress.error;
      if (failure !== undefined) throw pullFailure(text, failure);
      alive(progress.status ?? '');
      onProgress?.({
        ...sum(progress),
        phase: progress.status ?? '',
        ...(progress.id !== undefined && { layer: progress.id }),
      });
    }
  } catch (error) {
    if (stall.signal.aborted && !signal?.aborted) throw stall.signal.reason;
    throw classified(text, connectionError(error, api.transport.host, signal));
  } finally {
    clearTimeout(timer);
  }
  const pulled = await inspect(text, signal);
  if (pulled === undefined)
    throw new ContractError('image_pull_failed', `the pull of ${text} ended, but the image is not there`);
  return pulled;
}

/** An answer that was refused before any progress is told in the same words. */
function classified(text: string, error: ContractError): ContractError {
  const ofEngine: readonly ErrorCode[] = ['engine_unreachable', 'engine_timeout', 'engine_denied', 'aborted'];
  return ofEngine.includes(error.code) || error.code.startsWith('image_') || error.code === 'no_space'
    ? error
    : pullFailure(text, error.message);
}

function pullFailure(text: string, said: string): ContractError {
  // «pull access denied … repository does not exist or may require login»: Docker Hub’s answer for what is not there.
  const hub = /pull access denied/i.test(said) && /does not exist/i.test(said);
  const code = hub
    ? 'image_not_found'
    : (FAILURES.find(([pattern]) => pattern.test(said))?.[1] ?? 'image_pull_failed');
  return new ContractError(code, `pull ${text}: ${said.trim()}`);
}

/** Bytes over all layers: each counts with the most it has shown. */
function layerSum(): (progress: Progress) => { readonly current: number; readonly total: number } {
  const layers = new Map<string, { current: number; total: number }>();
  return ({ id, status, progressDetail }) => {
    if (id !== undefined && progressDetail?.total !== undefined && status === 'Downloading')
      layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
    const known = id === undefined ? undefined : layers.get(id);
    if (known !== undefined && (status === 'Download complete' || status === 'Pull complete'))
      known.current = known.total;
    const all = [...layers.values()];
    return {
      current: all.reduce((sum, { current }) => sum + current, 0),
      total: all.reduce((sum, { total }) => sum + total, 0),
    };
  };
}
