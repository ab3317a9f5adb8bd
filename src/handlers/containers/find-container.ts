import { ContractError } from '../../../contracts/contract-error.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from './parts.ts';

export type Found =
  | { readonly kind: 'ours'; readonly row: ContainerRow }
  | { readonly kind: 'foreign'; readonly seen: ObservedContainer };

/** Long enough to be meant: the beginning of a made container’s id, or of the engine’s, as tables show it. */
const BEGINNING = /^(ctr_[0-9A-Z]{6,}|[0-9a-f]{8,})$/;

/** A container by our id, the engine’s id, or a name; ours first; else by the beginning of either id of one of ours. Throws not_found, ambiguous_name. */
export async function findContainer(
  ref: string,
  { store, engine }: ContainerParts,
  signal: AbortSignal,
): Promise<Found> {
  const row = store.containers.find(ref);
  // A name of ours that is gone may be somebody else’s now.
  if (row !== undefined && (row.status !== 'removed' || row.id === ref)) return { kind: 'ours', row };
  const seen = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(ref) ? await askEngine(ref, engine, signal) : undefined;
  const known = seen && store.containers.byEngineId(seen.id);
  if (known !== undefined) return { kind: 'ours', row: known };
  if (seen !== undefined) return { kind: 'foreign', seen };
  if (row !== undefined) return { kind: 'ours', row };
  const begun = beginningWith(ref, store);
  if (begun !== undefined) return { kind: 'ours', row: begun };
  throw new ContractError('not_found', `there is no container ${ref}`);
}

function beginningWith(ref: string, store: ContainerParts['store']): ContainerRow | undefined {
  if (!BEGINNING.test(ref)) return undefined;
  const [row, another] = store.containers.beginningWith(ref);
  if (row === undefined || another === undefined) return row;
  throw new ContractError(
    'ambiguous_name',
    `${ref} is the beginning of more than one id: ${row.id} (${row.name}) and ${another.id} (${another.name})`,
  );
}

/** Ours, or not_ours. */
export async function findOurs(
  ref: string,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<ContainerRow> {
  const found = await findContainer(ref, parts, signal);
  if (found.kind === 'ours') return found.row;
  throw new ContractError(
    'not_ours',
    `${found.seen.name} (${found.seen.id.slice(0, 12)}) was made by somebody else`,
  );
}

/** An engine that does not answer knows no more than our rows do. */
async function askEngine(
  ref: string,
  engine: ContainerParts['engine'],
  signal: AbortSignal,
): Promise<ObservedContainer | undefined> {
  try {
    return await engine.containers.inspect(ref, signal);
  } catch (error) {
    if (
      error instanceof ContractError &&
      (error.code === 'engine_unreachable' || error.code === 'engine_timeout')
    )
      return undefined;
    throw error;
  }
}
