import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError, isContractError } from '../../../contracts/contract-error.ts';
import { inGroup } from '../../plan/groups/in-group.ts';
import { type ReleaseService, slotsOf } from '../../plan/groups/release.ts';
import { serviceGraph } from '../../plan/groups/service-graph.ts';
import { refuseUnsupported, specOf } from './create.ts';
import type { ContainerParts } from './parts.ts';

type Compose = Handlers<typeof containers>['compose'];

/** All rows, their subscriptions and the group in one transaction; workers do the rest. */
export function compose(parts: ContainerParts): Compose {
  const { store, hub, clock, poke } = parts;
  return async ({ name: group, network: given, containers: members, labels = {}, stream }, context) => {
    const network = given ?? group;
    const shorts = members.map(({ name }, index) => name ?? String(index + 1));
    const numbered = new Set(shorts.filter((_, index) => members[index]?.replicas !== undefined));
    const full = (short: string): string =>
      shorts.includes(short) ? `${group}-${short}${numbered.has(short) ? '-1' : ''}` : short;
    const services: Record<string, ReleaseService> = {};
    for (const [index, { name: _, start = true, replicas, update_config, ...member }] of members.entries()) {
      const short = shorts[index] ?? '';
      const spec = await specOf(member).catch((error: unknown) => {
        throw at(index, error);
      });
      services[short] = {
        name: `${group}-${short}`,
        spec: inGroup(spec, { network, short, labels, full }),
        replicas: replicas ?? null,
        ...(update_config && { update_config }),
        start,
      };
    }
    const { problem } = serviceGraph(services);
    if (problem !== undefined)
      throw new ContractError('invalid_input', problem, {
        problems: [{ path: 'containers', message: problem }],
      });
    const now = clock.now();
    await refuseAllUnsupported(slotsOf(services), parts, context.signal);
    const target =
      stream === undefined ? undefined : { ...stream, reply_to: stream.reply_to ?? context.self };
    const auto_network = given === undefined;
    const inserted = store.groups.insert(
      {
        ...{ name: group, network, auto_network, labels, created_at: now },
        ...{ declared: false, update_config: null, entry_hashes: {} },
      },
      { services, cause: 'compose' },
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

/** Of all members at once, before anything is written down. */
async function refuseAllUnsupported(
  rows: readonly { readonly name: string; readonly spec: ContainerSpec }[],
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
