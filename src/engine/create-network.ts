import { isContractError } from '../../contracts/contract-error.ts';
import type { NetworkSpec } from '../../contracts/network-spec.ts';
import { FIXED_LABEL } from '../plan/drift.ts';
import type { ObservedNetwork } from '../plan/observed.ts';
import type { Engine } from './engine.ts';
import { type Identity, LABEL, ownership, resourceLabels } from './labels.ts';

const PROBE = '.berth-probe';
const LONGEST_NAME = 240;
/** Another network may take the addresses that the engine just chose. */
const TRIES = 3;

/**
 * Make a network of ours. An engine takes an address for a container only where the subnet was said, and a container can leave
 * and come back with its address only there: so the engine is asked for a subnet first, by a network that goes at once, and
 * the subnet is then said. `more` labels stand beside ours. Throws what `networks.create` throws.
 */
export async function createNetwork(
  engine: Engine,
  identity: Identity,
  { name, ...settings }: NetworkSpec,
  signal?: AbortSignal,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly id: string }> {
  const labels = { ...resourceLabels(identity, 'network', name, settings), ...more };
  const fixed = { ...labels, [FIXED_LABEL]: 'fixed' };
  const { driver = 'bridge', ipam } = settings;
  const plain = { ...settings, name, labels };
  if (driver !== 'bridge' || (ipam?.driver ?? 'default') !== 'default' || name.length > LONGEST_NAME)
    return engine.networks.create(plain, signal);
  if (ipam?.config?.some(({ subnet }) => subnet !== undefined))
    return engine.networks.create({ ...plain, labels: fixed }, signal);
  if ((ipam?.config?.length ?? 0) > 0) return engine.networks.create(plain, signal);
  for (let tries = 0; tries < TRIES; tries++) {
    const config = await freeSubnets(engine, identity, { name, ...settings }, signal);
    if (config === undefined) continue;
    if (config.length === 0) break;
    try {
      return await engine.networks.create({ ...plain, ipam: { ...ipam, config }, labels: fixed }, signal);
    } catch (error) {
      if (!isContractError(error, 'engine_refused')) throw error;
    }
  }
  return engine.networks.create(plain, signal);
}

type Subnets = NonNullable<NonNullable<NetworkSpec['ipam']>['config']>;

/** What the engine would choose; none when it has none. Undefined: somebody removed the network that asked. */
async function freeSubnets(
  { networks }: Engine,
  identity: Identity,
  { name, ...settings }: NetworkSpec,
  signal?: AbortSignal,
): Promise<Subnets | undefined> {
  const probe = `${name}${PROBE}`;
  try {
    // Nobody is ever on it.
    const labels = resourceLabels(identity, 'network', probe);
    await networks.create({ ...settings, internal: true, name: probe, labels }, signal);
  } catch (error) {
    // Another one asks for the same, or died at it.
    if (!isContractError(error, 'name_conflict')) throw error;
  }
  const seen = await networks.inspect(probe, signal);
  if (seen === undefined) return undefined;
  if (ownership(identity, 'network', probe, seen.labels) === 'foreign') return [];
  await networks.remove(seen.id, signal);
  return seen.ipam.config.map(({ subnet, gateway }) => ({ subnet, gateway }));
}

/** Remove what a Berth that was killed while it made a network has left. */
export async function removeNetworkProbes(
  { networks }: Engine,
  identity: Identity,
  signal?: AbortSignal,
): Promise<void> {
  const isProbe = ({ name, labels }: ObservedNetwork): boolean =>
    name.endsWith(PROBE) && ownership(identity, 'network', name, labels) === 'ours';
  const left = await networks.list({ labels: { [LABEL.instance]: identity.instance } }, signal);
  for (const { id } of left.filter(isProbe)) await networks.remove(id, signal);
}
