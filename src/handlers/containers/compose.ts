import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError, isContractError } from '../../../contracts/contract-error.ts';
import { MADE_PREFIX } from '../../plan/made.ts';
import { newId } from '../../runtime/ids.ts';
import type { NewContainer } from '../../store/store.ts';
import { columnsOf, refuseUnsupported, specOf } from './create.ts';
import type { ContainerParts } from './parts.ts';

type Compose = Handlers<typeof containers>['compose'];

/** All rows, their subscriptions and the group in one transaction; workers do the rest. */
export function compose(parts: ContainerParts): Compose {
  const { store, hub, clock, poke } = parts;
  return async ({ name: group, network: given, containers: members, labels, stream }, context) => {
    const network = given ?? group;
    const now = clock.now();
    const shorts = new Map(members.map(({ name }, index) => [name ?? String(index + 1), index]));
    const full = (short: string): string => (shorts.has(short) ? `${group}-${short}` : short);
    const rows: NewContainer[] = [];
    for (const [index, { name: short = String(index + 1), start = true, ...member }] of members.entries()) {
      const spec = await specOf(member).catch((error: unknown) => {
        throw at(index, error);
      });
      const name = full(short);
      rows.push(
        columnsOf({
          id: newId(MADE_PREFIX, now),
          name,
          aliases: [short, name],
          spec: inGroup(spec, { network, short, labels: labels ?? {}, full }),
          start,
          now,
        }),
      );
    }
    await refuseAllUnsupported(rows, parts, context.signal);
    const target =
      stream === undefined ? undefined : { ...stream, reply_to: stream.reply_to ?? context.self };
    const auto_network = given === undefined;
    const inserted = store.groups.insert(
      { name: group, network, auto_network, created_at: now },
      rows,
      target,
    );
    if (target !== undefined)
      for (const { id } of inserted) hub.subscribed(store.subscriptions.ensure(id, target, now, 0));
    poke();
    return {
      group,
      network,
      auto_network,
      containers: inserted.map(({ id, name, status }) => ({ id, name, status })),
    };
  };
}

interface Around {
  readonly network: string;
  readonly short: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The container’s name of a short one. */
  readonly full: (short: string) => string;
}

/** A member’s spec: on the shared network unless it says otherwise, with the group’s labels, and the others by their full names. */
function inGroup(spec: ContainerSpec, { network, short, labels, full }: Around): ContainerSpec {
  const peer = (mode: string): string =>
    mode.startsWith('container:') ? `container:${full(mode.slice('container:'.length))}` : mode;
  const first = (text: string): string => {
    const [name = '', ...rest] = text.split(':');
    return [full(name), ...rest].join(':');
  };
  const links = spec.links?.map((link) => (link.includes(':') ? first(link) : `${full(link)}:${link}`));
  const isAlone = spec.network !== undefined || spec.network_mode !== undefined || spec.network_disabled;
  const named =
    isAlone || spec.uts === 'host' || !HOSTNAME.test(short) ? {} : { hostname: spec.hostname ?? short };
  return {
    ...spec,
    ...named,
    ...(!isAlone && joined(spec, network)),
    ...((spec.labels || Object.keys(labels).length > 0) && { labels: { ...labels, ...spec.labels } }),
    ...(spec.network_mode && { network_mode: peer(spec.network_mode) }),
    ...(spec.ipc && { ipc: peer(spec.ipc) }),
    ...(spec.pid && { pid: peer(spec.pid) }),
    ...(links && { links }),
    ...(spec.volumes_from && { volumes_from: spec.volumes_from.map(first) }),
  };
}

const HOSTNAME = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

function joined({ networks }: ContainerSpec, network: string): Pick<ContainerSpec, 'network' | 'networks'> {
  return networks === undefined ? { network } : { networks: { [network]: {}, ...networks } };
}

/** Of all members at once, before anything is written down. */
async function refuseAllUnsupported(
  rows: readonly NewContainer[],
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<void> {
  const messages: string[] = [];
  for (const { name, spec } of rows) {
    try {
      await refuseUnsupported(spec, parts, signal);
    } catch (error) {
      if (!isContractError(error, 'unsupported')) throw error;
      messages.push(`${name}: ${error.message}`);
    }
  }
  if (messages.length > 0) throw new ContractError('unsupported', messages.join('; '));
}

/** Says which member it is about. */
function at(index: number, error: unknown): unknown {
  if (!isContractError(error, 'invalid_input')) return error;
  const problems = (error.problems ?? []).map(({ path, message }) => ({
    path: `containers.${index}.${path}`,
    message,
  }));
  return new ContractError('invalid_input', error.message, { cause: error, problems });
}
