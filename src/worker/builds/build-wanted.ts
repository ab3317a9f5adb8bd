import { contextEntries } from '../../build/context-entries.ts';
import { sharedApart } from '../../build/folder-of.ts';
import { packContext } from '../../build/pack-context.ts';
import { secretsOf } from '../../build/secrets-of.ts';
import type { Engine } from '../../engine/engine.ts';
import type { BuildProgress } from '../../engine/port/build-calls.ts';
import type { PullProgress } from '../../engine/port/image-calls.ts';
import type { ActionOf } from '../../plan/actions.ts';
import { BUILD_LABEL } from '../../plan/build-label.ts';

export interface BuildTelling {
  /** How far it is: the steps by name. */
  readonly onProgress: (progress: PullProgress) => void;
  /** What the steps write, whole lines. Awaited before more is read. */
  readonly onLines: (lines: readonly BuildLine[]) => Promise<void>;
}

export type BuildLine = Extract<BuildProgress, { type: 'log' }>;

/** Build the image that a container runs, labelled with what it is built from. */
export async function buildWanted(
  { image, platform, build }: Omit<ActionOf<'build_image'>, 'type'>,
  engine: Pick<Engine, 'builds'>,
  { onProgress, onLines }: BuildTelling,
  signal: AbortSignal,
): Promise<void> {
  const {
    context: _folder,
    dockerfile: _text,
    file: _file,
    files: _files,
    hash = '',
    secrets,
    ...rest
  } = build;
  const context = await contextEntries(build);
  await engine.builds.run(
    {
      platform,
      ...rest,
      names: [image],
      labels: { ...rest.labels, [BUILD_LABEL]: hash },
      context: packContext(context),
      apart: sharedApart(context),
      secrets: await secretsOf(secrets),
      dockerfile: context.dockerfile,
      onProgress: async (all) => {
        for (const one of all)
          if (one.type === 'step' && one.status === 'started')
            onProgress({ phase: one.name, current: 0, total: 0 });
        const lines = all.filter((one) => one.type === 'log');
        if (lines.length > 0) await onLines(lines);
      },
    },
    signal,
  );
}
