import { ContractError } from '../../../contracts/contract-error.ts';
import { ownership } from '../../engine/labels.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import { findOurs } from './find-container.ts';
import type { ContainerParts } from './parts.ts';

/** One of ours that is to stay. Throws not_found, not_ours, and wrong_state when it is removed or on its way out. */
export async function presentRow(
  ref: string,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<ContainerRow> {
  const row = await findOurs(ref, parts, signal);
  if (row.status === 'removed' || row.desired_state === 'removed')
    throw new ContractError(
      'wrong_state',
      `${row.name} ${row.status === 'removed' ? 'has been' : 'is being'} removed`,
    );
  return row;
}

/** What the engine calls it; while its worker has not written that down yet, what is there under its name and provably ours. Throws wrong_state when there is none. */
export async function engineIdOf(
  { id, name, engine_id, status }: ContainerRow,
  { engine, identity }: ContainerParts,
  signal: AbortSignal,
): Promise<string> {
  if (engine_id !== null) return engine_id;
  const seen = await engine.containers.inspect(name, signal);
  if (seen !== undefined) {
    const image = await engine.images.inspect(seen.image_id, signal);
    if (ownership(identity, 'container', id, seen.labels, image?.labels) === 'ours') return seen.id;
  }
  throw new ContractError('wrong_state', `${name} is ${status}: there is no container of it yet`);
}
