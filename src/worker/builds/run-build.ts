import { contextEntries } from '../../build/context-entries.ts';
import { sharedApart } from '../../build/folder-of.ts';
import { packContext } from '../../build/pack-context.ts';
import type { PrivateStore } from '../../build/private-inputs.ts';
import { secretsOf } from '../../build/secrets-of.ts';
import type { Engine } from '../../engine/engine.ts';
import type { BuildOptions } from '../../engine/port/build-calls.ts';
import type { BuildRow } from '../../store/build-rows.ts';

/** Have the engine build what a row asks for. The context is read now: an interrupted build sees it as it is when it is begun again. */
export async function runBuild(
  { id, names, request }: Pick<BuildRow, 'id' | 'names' | 'request'>,
  inputs: PrivateStore,
  engine: Pick<Engine, 'builds'>,
  onProgress: BuildOptions['onProgress'],
  signal: AbortSignal,
): Promise<{ readonly image_id: string }> {
  const {
    context: _folder,
    dockerfile: _text,
    file,
    files: _files,
    remote,
    name: _name,
    has_tar,
    ...rest
  } = request;
  const { auth, secrets } = await inputs.read(id);
  const context = remote === undefined && !has_tar ? await contextEntries(request) : undefined;
  return await engine.builds.run(
    {
      ...rest,
      names,
      auth,
      secrets: await secretsOf(secrets),
      ...(context === undefined
        ? { remote, dockerfile: file, ...(has_tar && { context: inputs.tar(id) }) }
        : { context: packContext(context), apart: sharedApart(context), dockerfile: context.dockerfile }),
      onProgress,
    },
    signal,
  );
}
