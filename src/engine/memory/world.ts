import { randomBytes } from 'node:crypto';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Limits } from '../../plan/actions.ts';
import type { ObservedImage, ObservedNetwork, ObservedVolume } from '../../plan/observed.ts';
import type { CreateContainer } from '../port/container-calls.ts';
import type { EngineEvent } from '../port/system-calls.ts';
import type { KeptLog } from './kept-log.ts';

export interface MemoryContainer {
  readonly id: string;
  name: string;
  readonly request: CreateContainer;
  readonly image_id: string;
  readonly created_at: string;
  limits: Limits;
  state: 'created' | 'running' | 'paused' | 'restarting' | 'exited';
  /** Its end came while it was paused: it comes once it goes on. */
  overdue?: () => void;
  exit_code: number;
  /** What a start failed with. */
  error?: string;
  started_at?: string;
  finished_at?: string;
  restart_count: number;
  /** Aliases by network name. */
  readonly networks: Map<string, readonly string[]>;
  /** Host ports in the order of the spec, while it is up. */
  host_ports: readonly number[];
  readonly log: KeptLog;
  /** Called when its state changes and when it wrote something. */
  readonly watchers: Set<() => void>;
  /** Ends what it runs, without an exit code of its own. */
  end?: () => void;
}

/** Who is on it is known by the containers. */
export type MemoryNetwork = Omit<ObservedNetwork, 'container_ids' | 'members'>;

/** Everything that the memory engine remembers. It lives and ends with its process. */
export interface World {
  readonly containers: Map<string, MemoryContainer>;
  readonly images: Map<string, ObservedImage>;
  /** References that a pull finds. */
  readonly registry: Set<string>;
  readonly networks: Map<string, MemoryNetwork>;
  readonly volumes: Map<string, ObservedVolume>;
  /** Called at each event. */
  readonly listeners: Set<(event: EngineEvent) => void>;
  /** RFC 3339 with nanoseconds; each later than the one before. */
  readonly stamp: () => string;
  readonly newId: () => string;
}

export function newWorld(registry: readonly string[], now: () => number): World {
  let last = 0n;
  return {
    containers: new Map(),
    images: new Map(),
    registry: new Set(registry),
    networks: new Map(['bridge', 'host', 'none'].map((name) => [name, predefined(name)])),
    volumes: new Map(),
    listeners: new Set(),
    stamp: () => {
      const time = BigInt(Math.floor(now())) * 1_000_000n;
      last = time > last ? time : last + 1n;
      const whole = new Date(Number(last / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
      return `${whole}.${String(last % 1_000_000_000n).padStart(9, '0')}Z`;
    },
    newId: () => randomBytes(32).toString('hex'),
  };
}

function predefined(name: string): MemoryNetwork {
  const id = randomBytes(32).toString('hex');
  return newNetwork({ id, name, driver: name === 'none' ? 'null' : name, labels: {} });
}

/** A network with all that may be left out. */
export function newNetwork(
  given: Pick<MemoryNetwork, 'id' | 'name' | 'labels'> & Partial<MemoryNetwork>,
): MemoryNetwork {
  return {
    driver: 'bridge',
    scope: 'local',
    internal: false,
    attachable: false,
    ipv6: false,
    options: {},
    ipam: { driver: 'default', options: {}, config: [] },
    ...given,
  };
}

/** By id, exact name, or the twelve and more digits that people copy, in that order. */
export function findContainer(world: World, ref: string): MemoryContainer | undefined {
  const known = world.containers.get(ref) ?? holderOf(world, ref);
  if (known !== undefined || ref.length < 12) return known;
  return [...world.containers.values()].find(({ id }) => id.startsWith(ref));
}

/** Who has the name. */
export function holderOf(world: World, name: string): MemoryContainer | undefined {
  return [...world.containers.values()].find((one) => one.name === name);
}

/** The same, or not_found. */
export function theContainer(world: World, ref: string): MemoryContainer {
  const found = findContainer(world, ref);
  if (found === undefined) throw new ContractError('not_found', `no container ${ref} on the engine`);
  return found;
}

export function findNetwork(world: World, ref: string): MemoryNetwork | undefined {
  return world.networks.get(ref) ?? [...world.networks.values()].find(({ id }) => id === ref);
}

/** Whether all wanted labels are there; an empty value means any. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>> = {},
): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    value === '' ? labels[name] !== undefined : labels[name] === value,
  );
}

/** Tell whoever listens to the engine’s events. */
export function tell(
  world: World,
  type: string,
  action: string,
  { id, name, attributes = {} }: Pick<EngineEvent, 'id'> & Partial<EngineEvent> & { readonly name: string },
): void {
  const event = { type, action, id, name, attributes: { ...attributes, name }, ts: world.stamp() };
  for (const listener of world.listeners) listener(event);
}
