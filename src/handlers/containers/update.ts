import { type ContainerSpec, containerSpec } from '../../../contracts/container-spec.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { CAN_BE_TAKEN_OFF, LIMIT_FIELDS, limitsOf } from '../../plan/in-place.ts';
import { restartPolicyOf } from '../../plan/restart-policy.ts';
import { specHash } from '../../plan/spec-hash.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import { refuseUnsupported } from './create.ts';
import type { ContainerParts } from './parts.ts';
import { presentRow } from './present-row.ts';

/** The row first, so that it is kept; then the engine, so that a refusal is heard at once. No change of mind: nothing is started by it. */
export function update(parts: ContainerParts): Handlers<typeof containers>['update'] {
  const { store, engine, clock, poke } = parts;
  return async ({ id: ref, recreate = false, ...given }, { signal }) => {
    const row = await presentRow(ref, parts, signal);
    if (row.declared)
      throw new ContractError(
        'wrong_state',
        `${row.id} is declared in ${row.entry_source ?? 'the registry'}, which says its limits`,
        { next: 'Change its entry in the registry.' },
      );
    const wanted = new Map(Object.entries(given).filter(([, value]) => value !== undefined));
    const before = new Map<string, unknown>(Object.entries(row.spec));
    const changed = [...wanted].flatMap(([field, to]) => ((before.get(field) ?? null) === to ? [] : [field]));
    if (changed.length === 0) return { id: row.id, status: row.status, changed };
    const spec = checked(
      Object.fromEntries([...before, ...wanted].filter(([field]) => wanted.get(field) !== null)),
    );
    const added = Object.entries(spec).filter(([field]) => changed.includes(field));
    await refuseUnsupported(Object.fromEntries(added), parts, signal);
    const isMadeAnew = row.engine_id !== null && needsAnother(row.name, spec, row.spec, recreate);
    adjust(row, spec, parts);
    let warnings: readonly string[] = [];
    try {
      if (row.engine_id !== null && !isMadeAnew) {
        const limits = limitsOf({ spec, declared: false });
        ({ warnings } = await engine.containers.update(row.engine_id, limits, signal));
      }
    } catch (error) {
      // One that went meanwhile is made again with its new limits.
      if (!(error instanceof ContractError) || error.code !== 'not_found') {
        adjust(row, row.spec, parts);
        throw error;
      }
    } finally {
      store.containers.touch([row.id], clock.now());
      poke();
    }
    return {
      id: row.id,
      status: store.containers.get(row.id)?.status ?? row.status,
      changed,
      ...(warnings.length > 0 && { warnings: [...warnings] }),
    };
  };
}

/** Whether a limit goes that the engine cannot take off a container as it is. Throws unsupported unless it may be made anew. */
function needsAnother(name: string, spec: ContainerSpec, before: ContainerSpec, recreate: boolean): boolean {
  const stuck = LIMIT_FIELDS.filter(
    (field) => !CAN_BE_TAKEN_OFF.has(field) && spec[field] === undefined && before[field] !== undefined,
  );
  if (stuck.length > 0 && !recreate)
    throw new ContractError(
      'unsupported',
      `the engine cannot take ${stuck.join(' and ')} off ${name} in place`,
      {
        next: 'Say `recreate: true` (`berth update --recreate`), and it is made anew without.',
      },
    );
  return stuck.length > 0;
}

function adjust(
  { id, name, aliases }: ContainerRow,
  spec: ContainerSpec,
  { store, clock }: ContainerParts,
): void {
  const spec_hash = specHash(spec, { name, aliases, restart_policy: restartPolicyOf(spec, false) });
  if (store.containers.adjust(id, { spec, spec_hash }, clock.now()) === undefined)
    throw new ContractError('wrong_state', `${name} has been removed`);
}

/** The whole, since what is asked may not go with what is there. */
function checked(spec: unknown): ContainerSpec {
  const parsed = containerSpec.safeParse(spec);
  if (parsed.success) return parsed.data;
  throw new ContractError('invalid_input', 'what is asked does not go with what the container has', {
    problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  });
}
