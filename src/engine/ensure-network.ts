import { setTimeout as pause } from 'node:timers/promises';
import { ContractError, isContractError } from '../../contracts/contract-error.ts';
import type { NetworkSpec } from '../../contracts/network-spec.ts';
import type { ObservedNetwork } from '../plan/observed.ts';
import { changedSettings, lackingLabels } from '../plan/resource-settings.ts';
import { createNetwork } from './create-network.ts';
import type { Engine } from './engine.ts';
import { type Identity, LABEL, ownership, resourceLabels } from './labels.ts';

export interface EnsuredNetwork {
  readonly network: ObservedNetwork;
  readonly created: boolean;
}

/** How often it is looked again when another was faster. */
const ROUNDS = 5;
const LOOK_MS = 50;
/** Another of that name is there, or is just being made: its addresses are taken before it can be seen. */
const FASTER: ReadonlySet<string> = new Set(['name_conflict', 'engine_refused']);

/**
 * A network of ours as asked: made, or there already. Throws name_conflict for one of that name that is somebody else’s (details:
 * id), or ours with other settings or without the labels (details: fields); and what `networks.create` throws.
 */
export async function ensureNetwork(
  engine: Engine,
  identity: Identity,
  wanted: NetworkSpec,
  signal?: AbortSignal,
  more: Readonly<Record<string, string>> = {},
): Promise<EnsuredNetwork> {
  const { name, ...settings } = wanted;
  const labels = { ...resourceLabels(identity, 'network', name, settings), ...more };
  let created: string | undefined;
  for (let round = 0; ; round++) {
    const seen = await named(engine, name, signal);
    // Looked at after the engine’s success, too: it may have made one of two.
    if (seen !== undefined) {
      judge(identity, wanted, labels, seen);
      return { network: seen, created: seen.id === created };
    }
    try {
      created = (await createNetwork(engine, identity, wanted, signal, more)).id;
    } catch (error) {
      if (!isContractError(error) || !FASTER.has(error.code) || round >= ROUNDS) throw error;
      await pause(LOOK_MS, undefined, { signal });
    }
    if (round > ROUNDS)
      throw new ContractError('engine_failed', `the network ${name} went as soon as it was made`);
  }
}

/** Whether it is there as asked. Throws name_conflict as `ensureNetwork` does; changes nothing. */
export async function checkNetwork(
  engine: Engine,
  identity: Identity,
  wanted: NetworkSpec,
  signal?: AbortSignal,
): Promise<boolean> {
  const { name, ...settings } = wanted;
  const seen = await named(engine, name, signal);
  if (seen !== undefined) judge(identity, wanted, resourceLabels(identity, 'network', name, settings), seen);
  return seen !== undefined;
}

/** By its name alone: what merely has it for an id is another one. */
async function named(
  engine: Engine,
  name: string,
  signal: AbortSignal | undefined,
): Promise<ObservedNetwork | undefined> {
  const seen = await engine.networks.inspect(name, signal);
  return seen?.name === name ? seen : undefined;
}

function judge(
  identity: Identity,
  { name, labels: wanted = {} }: NetworkSpec,
  labels: Readonly<Record<string, string>>,
  seen: ObservedNetwork,
): void {
  if (ownership(identity, 'network', name, seen.labels) === 'foreign')
    throw new ContractError(
      'name_conflict',
      `the network ${name} (${seen.id.slice(0, 12)}) is there already and not of this Berth`,
      { details: { id: seen.id, ours: false } },
    );
  const fields = differences(wanted, labels, seen.labels);
  if (fields.length === 0) return;
  throw new ContractError(
    'name_conflict',
    `the network ${name} is there already, with another ${fields.join(', ')}`,
    {
      next: 'Ask for what it has, or remove it first: `berth network rm`.',
      details: { id: seen.id, ours: true, fields: fields.join(' '), used: seen.members.length > 0 },
    },
  );
}

/** What of the request something lacks that is there: settings, and labels as `labels.NAME`. */
export function differences(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
  seen: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    ...changedSettings(labels[LABEL.settings] ?? '{}', seen[LABEL.settings]),
    ...lackingLabels(wanted, seen).map((label) => `labels.${label}`),
  ];
}
