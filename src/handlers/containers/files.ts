import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { parseImageReference } from '../../engine/image-reference.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { engineIdOf, presentRow } from './present-row.ts';

type Methods = Pick<
  Handlers<typeof containers>,
  'stat_archive' | 'get_archive' | 'put_archive' | 'export' | 'changes' | 'commit'
>;

/** Files: asked of the engine at once. */
export function files(parts: ContainerParts): Methods {
  const { engine } = parts;
  return {
    stat_archive: async ({ id, path }, { signal }) =>
      await engine.files.stat(await anyEngineId(id, parts, signal), path, signal),
    get_archive: async ({ id, path }, { signal }) =>
      await engine.files.read(await anyEngineId(id, parts, signal), path, signal),
    put_archive: async (
      { id, path, tar, no_overwrite_dir_non_dir = false, copy_uid_gid = false },
      { signal },
    ) => {
      const row = await presentRow(id, parts, signal);
      const options = { keep_types: no_overwrite_dir_non_dir, keep_owners: copy_uid_gid };
      await engine.files.write(await engineIdOf(row, parts, signal), path, tar, options, signal);
      return { id: row.id, path };
    },
    export: async ({ id }, { signal }) => ({
      id,
      tar: await engine.files.export(await anyEngineId(id, parts, signal), signal),
    }),
    changes: async ({ id }, { signal }) => ({
      changes: [...(await engine.files.changes(await anyEngineId(id, parts, signal), signal))],
    }),
    commit: async ({ id, image, pause = true, changes = [], author, comment }, { signal }) => {
      const named = image === undefined ? undefined : parseImageReference(image);
      if (named?.digest !== undefined || named?.id !== undefined)
        throw new ContractError('invalid_input', 'an image that is made has a tag, and no digest yet', {
          problems: [{ path: 'image', message: 'REPOSITORY or REPOSITORY:TAG' }],
        });
      const row = await presentRow(id, parts, signal);
      const image_id = await engine.files.commit(
        await engineIdOf(row, parts, signal),
        {
          pause,
          changes,
          ...(image !== undefined && { image }),
          ...(author !== undefined && { author }),
          ...(comment !== undefined && { comment }),
        },
        signal,
      );
      return { image_id, ...(named && { image: named.text }) };
    },
  };
}

/** What the engine calls a container, ours or not. Throws not_found, and wrong_state for one of ours that is not there. */
export async function anyEngineId(ref: string, parts: ContainerParts, signal: AbortSignal): Promise<string> {
  const found = await findContainer(ref, parts, signal);
  return found.kind === 'foreign' ? found.seen.id : await engineIdOf(found.row, parts, signal);
}
