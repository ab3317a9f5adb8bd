import { ContractError, isContractError } from '../../contracts/contract-error.ts';
import type { VolumeSpec } from '../../contracts/volume-spec.ts';
import type { ObservedVolume } from '../plan/observed.ts';
import type { Engine } from './engine.ts';
import { differences } from './ensure-network.ts';
import { type Identity, ownership, resourceLabels } from './labels.ts';

export interface EnsuredVolume {
  readonly volume: ObservedVolume;
  readonly created: boolean;
}

/**
 * A volume of ours as asked: made, or there already. The engine takes a second create of a name for a success, whatever it asks for;
 * so what is there afterwards is compared, by the seal that only this create wrote. Throws name_conflict as `ensureNetwork` does.
 */
export async function ensureVolume(
  engine: Engine,
  identity: Identity,
  wanted: VolumeSpec,
  signal?: AbortSignal,
): Promise<EnsuredVolume> {
  const { name, ...settings } = wanted;
  const labels = resourceLabels(identity, 'volume', name, settings);
  let created = false;
  let seen = await engine.volumes.inspect(name, signal);
  if (seen === undefined) {
    try {
      await engine.volumes.create({ ...wanted, labels }, signal);
      created = true;
    } catch (error) {
      if (!isContractError(error, 'name_conflict')) throw error;
    }
    seen = await engine.volumes.inspect(name, signal);
  }
  if (seen === undefined)
    throw new ContractError('engine_failed', `the volume ${name} went as soon as it was made`);
  judge(identity, wanted, labels, seen);
  return { volume: seen, created };
}

/** Whether it is there as asked. Throws name_conflict as `ensureVolume` does; changes nothing. */
export async function checkVolume(
  engine: Engine,
  identity: Identity,
  wanted: VolumeSpec,
  signal?: AbortSignal,
): Promise<boolean> {
  const { name, ...settings } = wanted;
  const seen = await engine.volumes.inspect(name, signal);
  if (seen !== undefined) judge(identity, wanted, resourceLabels(identity, 'volume', name, settings), seen);
  return seen !== undefined;
}

function judge(
  identity: Identity,
  { name, labels: wanted = {} }: VolumeSpec,
  labels: Readonly<Record<string, string>>,
  seen: ObservedVolume,
): void {
  if (ownership(identity, 'volume', name, seen.labels) === 'foreign')
    throw new ContractError('name_conflict', `the volume ${name} is there already and not of this Berth`, {
      details: { ours: false },
    });
  const fields = differences(wanted, labels, seen.labels);
  if (fields.length === 0) return;
  throw new ContractError(
    'name_conflict',
    `the volume ${name} is there already, with another ${fields.join(', ')}`,
    {
      next: 'Ask for what it has, or remove it and what is in it first: `berth volume rm`.',
      details: { ours: true, fields: fields.join(' ') },
    },
  );
}
