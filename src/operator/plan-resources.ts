import { isContractError } from '../../contracts/contract-error.ts';
import type { ImageSpec } from '../../contracts/image-spec.ts';
import type { NetworkSpec } from '../../contracts/network-spec.ts';
import type { VolumeSpec } from '../../contracts/volume-spec.ts';
import type { Engine } from '../engine/engine.ts';
import { checkNetwork } from '../engine/ensure-network.ts';
import { checkVolume } from '../engine/ensure-volume.ts';
import type { Identity } from '../engine/labels.ts';
import type { ResourceKind } from '../plan/resource.ts';
import type { DeclaredResource } from '../registry/entry.ts';
import { holdCause } from '../registry/hold.ts';
import type { Scan } from '../registry/scan.ts';
import type { ResourceRow } from '../store/surrounding-stores.ts';

export interface PlannedResource {
  readonly id: string;
  readonly name: string;
  readonly type: ResourceKind;
  readonly refused?: string;
  readonly steps: readonly { readonly action: string; readonly on: string; readonly cause: string }[];
}

interface Planning {
  readonly engine: Engine;
  readonly identity: Identity;
  /** Rows of what was declared. */
  readonly rows: readonly ResourceRow[];
  readonly signal: AbortSignal;
}

/** What `up` would do about each declared network, volume and image, and why. Asks the engine, and changes nothing. */
export async function planResources(seen: Scan, planning: Planning): Promise<readonly PlannedResource[]> {
  const wanted = new Set(seen.resources.map(({ id }) => id));
  const gone = planning.rows.filter((row) => !wanted.has(row.id) && holdCause(seen.hold, row) === undefined);
  return Promise.all([
    ...seen.resources.map((one) => declared(one, planning)),
    ...gone.map((row) => undeclared(row, planning)),
  ]);
}

async function declared(
  { id, resource: type, resource_name: name, settings }: DeclaredResource,
  { engine, identity, signal }: Planning,
): Promise<PlannedResource> {
  const planned = { id, name, type };
  const step = (action: string, cause: string) => ({ action: `${action}_${type}`, on: name, cause });
  try {
    const found = await check(type, { engine, identity, signal }, { ...settings, name });
    return { ...planned, steps: found ? [] : [step(type === 'image' ? 'pull' : 'create', `${type} absent`)] };
  } catch (error) {
    if (!isContractError(error, 'name_conflict')) throw error;
    const isReplaced =
      type === 'network' && error.details?.['ours'] === true && error.details['used'] === false;
    if (!isReplaced) return { ...planned, refused: error.message, steps: [] };
    const cause = `${String(error.details?.['fields'])} changed`;
    return { ...planned, steps: [step('remove', cause), step('create', cause)] };
  }
}

function check(
  type: ResourceKind,
  { engine, identity, signal }: Omit<Planning, 'rows'>,
  wanted: NetworkSpec | VolumeSpec | ImageSpec,
): Promise<boolean> {
  switch (type) {
    case 'network':
      return checkNetwork(engine, identity, wanted as NetworkSpec, signal);
    case 'volume':
      return checkVolume(engine, identity, wanted as VolumeSpec, signal);
    case 'image':
      return isImageThere(engine, wanted.name, signal);
  }
}

async function isImageThere(engine: Engine, name: string, signal: AbortSignal): Promise<boolean> {
  return (await engine.images.inspect(name, signal)) !== undefined;
}

async function undeclared(
  { id, name, kind: type }: ResourceRow,
  { engine, signal }: Planning,
): Promise<PlannedResource> {
  const planned = { id, name, type };
  if (type !== 'network') return { ...planned, steps: [] };
  const seen = await engine.networks.inspect(name, signal);
  return {
    ...planned,
    steps: seen ? [{ action: 'remove_network', on: name, cause: 'no longer declared' }] : [],
  };
}
