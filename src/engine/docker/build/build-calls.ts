import { Readable } from 'node:stream';
import { ContractError } from '../../../../contracts/contract-error.ts';
import { connectionError } from '../../engine-errors.ts';
import type { BuildCalls, BuildOptions, BuildProgress } from '../../port/build-calls.ts';
import { type Registries, resolveImage } from '../../registries.ts';
import { jsonLines } from '../../transport/json-lines.ts';
import { type Api, DEADLINE } from '../api.ts';
import { untilEngineFails } from '../until-engine-fails.ts';
import { buildFailure } from './build-failure.ts';
import { buildQuery } from './build-query.ts';
import { type BuildSession, openBuildSession } from './build-session.ts';
import { buildkitOutput } from './buildkit-output.ts';
import { type ClassicLine, classicOutput } from './classic-output.ts';
import { type RegistryKnowledge, registryKnowledge } from './registry-knowledge.ts';

/** A trace holds the output of a moment. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** The engine fetches the context over the session. */
const FROM_SESSION = 'client-session';

interface BuildLine extends ClassicLine {
  readonly aux?: string | { readonly ID?: string };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string; readonly code?: number };
}

/** Builds over the Docker API, by BuildKit or by the classic builder. */
export function buildCalls(api: Api, registries: Registries): BuildCalls {
  return {
    run: (given, signal) =>
      untilEngineFails(api, signal, async (life) => {
        const names = given.names.map((name) => resolveImage(name, registries));
        const who = registryKnowledge(registries, given.auth);
        const options = { ...given, names };
        const session = options.builder === 'classic' ? undefined : await sessionFor(api, options, who, life);
        try {
          const headers = session === undefined ? await who.header(life) : {};
          return await build(api, options, { session, headers }, life);
        } finally {
          session?.close();
        }
      }),
  };
}

/** Without one a build still does what needs nobody’s credentials: not every engine gives it. */
async function sessionFor(
  api: Api,
  { secrets = {}, apart }: BuildOptions,
  who: RegistryKnowledge,
  signal: AbortSignal,
): Promise<BuildSession | undefined> {
  try {
    return await openBuildSession(api, { secrets, folders: { ...apart }, credentialsOf: who.of }, signal);
  } catch (error) {
    if (
      !(error instanceof ContractError) ||
      !['not_found', 'unsupported', 'engine_refused'].includes(error.code)
    )
      throw error;
    if (Object.keys(secrets).length === 0) return undefined;
    throw new ContractError('unsupported', 'this engine cannot be handed secrets for a build', {
      cause: error,
      next: 'Use an engine with BuildKit: Docker 18.09 or later.',
    });
  }
}

async function build(
  api: Api,
  options: BuildOptions,
  {
    session,
    headers,
  }: { readonly session: BuildSession | undefined; readonly headers: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<{ readonly image_id: string }> {
  const { names, onProgress } = options;
  const isApart = session !== undefined && options.apart !== undefined;
  const context = isApart ? undefined : options.context;
  const remote = isApart ? FROM_SESSION : options.remote;
  const ending = new AbortController();
  const upload = context && Readable.from(context, { objectMode: false });
  let unreadable: Error | undefined;
  upload?.on('error', (error) => {
    unreadable = error;
    // The engine would wait for the rest of it.
    ending.abort();
  });
  const all = AbortSignal.any([signal, ending.signal]);
  try {
    const response = await api.open(
      {
        method: 'POST',
        path: '/build',
        query: buildQuery({ ...options, remote }, session?.id),
        headers: { 'Content-Type': 'application/x-tar', ...headers },
        ...(upload && { upload }),
      },
      { doing: `build ${names[0] ?? ''}`, deadline: DEADLINE.upload, signal: all },
    );
    return { image_id: await outcome(response as AsyncIterable<Buffer>, names, onProgress) };
  } catch (error) {
    const failed = unreadable ?? session?.failure();
    if (failed instanceof ContractError && !signal.aborted) throw failed;
    const known = connectionError(error, api.transport.host, all);
    // What it refuses before the first step is a Dockerfile that it cannot read.
    if (known.code === 'engine_refused' || known.code === 'engine_failed' || known.code === 'not_found')
      throw buildFailure(names, known.message.replace(`build ${names[0] ?? ''}: `, ''));
    throw known;
  } finally {
    ending.abort();
    upload?.destroy();
  }
}

/** Read what the builder says to its end: the image’s id, or why there is none. */
async function outcome(
  bytes: AsyncIterable<Buffer>,
  names: readonly string[],
  onProgress: (progress: readonly BuildProgress[]) => Promise<void>,
): Promise<string> {
  const buildkit = buildkitOutput();
  const classic = classicOutput(() => performance.now());
  const tell = async (progress: readonly BuildProgress[]): Promise<void> => {
    if (progress.length > 0) await onProgress(progress);
  };
  let image_id: string | undefined;
  for await (const raw of jsonLines(bytes, LONGEST_LINE)) {
    const { id, aux, error, errorDetail, ...line } = raw as BuildLine;
    const failure = errorDetail?.message ?? error;
    if (failure !== undefined) {
      await tell([...buildkit.end(), ...classic.end(failure)]);
      throw buildFailure(names, failure, errorDetail?.code);
    }
    if (typeof aux === 'string') await tell(id === 'moby.buildkit.trace' ? buildkit.hear(aux) : []);
    else if (aux?.ID !== undefined) image_id = aux.ID;
    else await tell(classic.hear({ ...line, ...(id !== undefined && { id }) }));
    // A quiet classic build says nothing but this.
    const quiet = /^(sha256:[0-9a-f]{64})\s*$/.exec(line.stream ?? '')?.[1];
    image_id = quiet ?? image_id;
  }
  await tell([...buildkit.end(), ...classic.end()]);
  if (image_id === undefined)
    throw new ContractError('image_build_failed', `build ${names[0] ?? ''}: it ended without an image`);
  return image_id;
}
