import type { UpdateConfig } from '../../../contracts/container-fields/convergence.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { restartPolicyOf } from '../restart-policy.ts';
import { recreateHash, specHash } from '../spec-hash.ts';

/** What a group’s release says of one service: all that its containers are made of. */
export interface ReleaseService {
  /** Their name, but for the number of a replica. */
  readonly name: string;
  readonly spec: ContainerSpec;
  /** Null: one, without a number. */
  readonly replicas: number | null;
  readonly update_config?: UpdateConfig | undefined;
  /** False: only created. */
  readonly start: boolean;
  /** The registry entry that declares it. */
  readonly entry?: { readonly id: string; readonly source: string } | undefined;
  /** The image that it was proven with, by its id: a tag may have moved since. */
  readonly image_id?: string | undefined;
}

/** By short name: an immutable snapshot of a group. */
export type Services = Readonly<Record<string, ReleaseService>>;

/** One container that a release wants, as columns of its row. */
export interface Slot {
  readonly key: string;
  readonly service: string;
  readonly replica: number | null;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly spec: ContainerSpec;
  readonly spec_hash: string;
  readonly recreate_hash: string;
  readonly start: boolean;
  readonly entry_source: string | null;
  /** The row’s id of a declared one; undefined: a new one is made. */
  readonly id: string | undefined;
}

/** A group’s container by its service and number. */
export function slotKey({ service, replica }: Pick<Slot, 'service' | 'replica'>): string {
  return replica === null ? service : `${service}#${replica}`;
}

/** Every container that a release wants, in the order of its services. */
export function slotsOf(services: Services): readonly Slot[] {
  return Object.entries(services).flatMap(([service, wanted]) => slotsOfService(service, wanted));
}

function slotsOfService(service: string, wanted: ReleaseService): readonly Slot[] {
  const { replicas } = wanted;
  if (replicas === null) return [slotOf(service, null, wanted)];
  return Array.from({ length: replicas }, (_, index) => slotOf(service, index + 1, wanted));
}

function slotOf(service: string, replica: number | null, wanted: ReleaseService): Slot {
  const { entry, start } = wanted;
  const spec = numbered(wanted.spec, replica);
  const number = replica === null ? '' : `-${replica}`;
  const name = `${wanted.name}${number}`;
  const aliases = [...new Set([service, name])];
  const extras = { name, aliases, restart_policy: restartPolicyOf(spec, entry !== undefined) };
  return {
    key: slotKey({ service, replica }),
    service,
    replica,
    name,
    aliases,
    spec,
    spec_hash: specHash(spec, extras),
    recreate_hash: recreateHash(spec, extras),
    start,
    entry_source: entry?.source ?? null,
    id: entry && `${entry.id}${number}`,
  };
}

/** The label by which Compose tells replicas apart. */
const NUMBER_LABEL = 'com.docker.compose.container-number';

function numbered(spec: ContainerSpec, replica: number | null): ContainerSpec {
  if (replica === null || spec.labels?.[NUMBER_LABEL] === undefined) return spec;
  return { ...spec, labels: { ...spec.labels, [NUMBER_LABEL]: String(replica) } };
}

/** What of a slot is a row’s own. */
export function columnsOfSlot({
  name,
  aliases,
  spec,
  spec_hash,
  recreate_hash,
  entry_source,
}: Slot): Pick<Slot, 'name' | 'aliases' | 'spec' | 'spec_hash' | 'recreate_hash' | 'entry_source'> {
  return { name, aliases, spec, spec_hash, recreate_hash, entry_source };
}

/** The engine would refuse the second of two containers with one port of this machine. */
export function fixedPorts({ ports = [] }: ContainerSpec): readonly number[] {
  return ports.flatMap(({ host }) => (host === undefined ? [] : [host]));
}
