import { posix } from 'node:path';
import { ContractError, isContractError } from '../../contracts/contract-error.ts';
import { firstOfTar, folderAsTar } from '../engine/folder-as-tar.ts';
import { containerLabels, ownership } from '../engine/labels.ts';
import type { ActionOf } from '../plan/actions.ts';
import { ownerIds } from '../plan/owner-ids.ts';
import { permissionsOf } from '../plan/permissions.ts';
import type { Surroundings } from './surroundings.ts';

type Preparing = Omit<ActionOf<'prepare_volume'>, 'type'>;
type Around = Pick<Surroundings, 'engine' | 'identity' | 'signal'>;

/**
 * Give a volume to its owner, through a container that has it mounted and need not run. Nothing is written when it is right already.
 * Throws engine_refused when the image does not know the owner, and what the engine’s port throws.
 */
export async function prepareVolume(action: Preparing, id: string, around: Around): Promise<void> {
  const { through, ...rest } = action;
  if (through === undefined) return prepare(rest, around);
  const { engine, identity, signal } = around;
  const name = `${action.name}.berth-volume`;
  const owner = `${id}#volume`;
  const left = await engine.containers.inspect(name, signal);
  if (left !== undefined && ownership(identity, 'container', owner, left.labels) === 'foreign')
    throw new ContractError(
      'name_conflict',
      `the name ${name} is taken by a container that is not of this Berth`,
    );
  const remove = (ref: string): Promise<void> =>
    engine.containers.remove(ref, { force: true, anonymous_volumes: true });
  if (left !== undefined) await remove(left.id);
  const made = await engine.containers.create(
    {
      ...{ name, spec: through, restart_policy: 'no', aliases: [], keep_volumes: {} },
      labels: containerLabels(identity, owner, 'volume'),
    },
    signal,
  );
  try {
    await prepare({ ...rest, name: made.id }, around);
  } finally {
    await remove(made.id);
  }
}

async function prepare(
  { name, path, owner, permissions }: Preparing,
  { engine, signal }: Around,
): Promise<void> {
  const place = path.replace(/\/+$/, '');
  const { tar } = await engine.files.read(name, place, signal);
  const head = await firstOfTar(tar);
  if (head === undefined) throw new ContractError('engine_refused', `there is no folder ${place} in ${name}`);
  const { uid, gid } = owner === undefined ? head : await idsOf(owner);
  const mode = permissions === undefined ? head.mode : permissionsOf(permissions, head.mode);
  if (uid === head.uid && gid === head.gid && mode === head.mode) return;
  const folder = folderAsTar(posix.basename(place), { uid, gid, mode });
  // The owners of the tar are taken as they are: to “keep” them would be to give it to the container’s user.
  const options = { keep_types: true, keep_owners: false };
  await engine.files.write(name, posix.dirname(place), folder, options, signal);

  async function idsOf(text: string): Promise<{ readonly uid: number; readonly gid: number }> {
    const [passwd, group] = /^\d+:\d+$/.test(text)
      ? ['', '']
      : await Promise.all([textOf('/etc/passwd'), textOf('/etc/group')]);
    const ids = ownerIds(text, { passwd, group });
    if (typeof ids !== 'string') return ids;
    const message = `the volume at ${place} cannot be given to ${text}: ${ids}; say numbers, like "2000:2000"`;
    throw new ContractError('engine_refused', message);
  }

  /** Empty when the image has no such file. */
  async function textOf(file: string): Promise<string> {
    try {
      const read = await engine.files.read(name, file, signal);
      return (await firstOfTar(read.tar))?.text ?? '';
    } catch (error) {
      if (isContractError(error, 'not_found')) return '';
      throw error;
    }
  }
}
