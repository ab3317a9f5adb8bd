import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { restartPolicyOf } from '../../plan/restart-policy.ts';
import { specHash } from '../../plan/spec-hash.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from './parts.ts';
import { presentRow } from './present-row.ts';

/** The row first: its name is the lock, and a worker finishes what is broken off after it. */
export function rename(parts: ContainerParts): Handlers<typeof containers>['rename'] {
  const { store, engine, clock, poke } = parts;
  return async ({ id: ref, name }, { signal }) => {
    const row = await presentRow(ref, parts, signal);
    if (row.name === name) return { id: row.id, name };
    if (row.declared)
      throw new ContractError(
        'wrong_state',
        `${row.id} is declared in ${row.entry_source ?? 'the registry'}, which names it`,
        { next: 'Change `container_name` of its entry.' },
      );
    await refuseForeign(name, row, parts, signal);
    const { aliases, spec } = row;
    const spec_hash = specHash(spec, { name, aliases, restart_policy: restartPolicyOf(spec, false) });
    if (store.containers.rename(row.id, { name, spec_hash }, clock.now()) === undefined)
      throw new ContractError('wrong_state', `${row.name} has been removed`);
    try {
      if (row.engine_id !== null) await engine.containers.rename(row.engine_id, name, signal);
    } catch (error) {
      // One that went meanwhile is made again under its new name.
      if (!(error instanceof ContractError) || error.code !== 'not_found') {
        store.containers.rename(row.id, row, clock.now());
        throw error;
      }
    } finally {
      store.containers.touch([row.id], clock.now());
      poke();
    }
    return { id: row.id, name };
  };
}

async function refuseForeign(
  name: string,
  { engine_id }: ContainerRow,
  { engine }: ContainerParts,
  signal: AbortSignal,
): Promise<void> {
  const holder = await engine.containers.inspect(name, signal);
  if (holder === undefined || holder.id === engine_id) return;
  throw new ContractError(
    'name_conflict',
    `the name ${name} is taken by container ${holder.id.slice(0, 12)}`,
    {
      details: { holder: holder.id },
    },
  );
}
