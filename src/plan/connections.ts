import type { Step } from './actions.ts';
import type { Desired } from './desired.ts';
import { type Connection, mentionedNetworks } from './mentioned.ts';
import type { Observed, ObservedContainer, ObservedNetwork } from './observed.ts';
import { step } from './steps.ts';

/** The networks that calls had it join, without those that its spec joins by now. */
export function connectionsOf({ spec, connections = [] }: Desired): readonly Connection[] {
  const mentioned = mentionedNetworks(spec);
  return connections.filter(({ network }) => !mentioned.includes(network));
}

/** Join again what a call had it join and it is not on, as far as that is there and may be joined. `current` undefined: it is just made. */
export function connectionSteps(
  desired: Desired,
  observed: Observed,
  current: ObservedContainer | undefined,
): readonly Step[] {
  const { name } = desired;
  return connectionsOf(desired).flatMap(({ external = false, ...wanted }) => {
    const there = observed.connections?.get(wanted.network);
    if (there === undefined || (there.ownership === 'foreign' && !external)) return [];
    const engine_id = current?.id ?? name;
    const attachment = current?.networks.find(({ network }) => network === wanted.network);
    if (attachment !== undefined && isOn(attachment, there.seen)) return [];
    const cause = current === undefined ? 'joined by a call' : 'not on a network that a call had it join';
    return [
      ...(attachment === undefined
        ? []
        : [step({ type: 'disconnect_network', name, engine_id, network: wanted.network }, cause)]),
      step({ type: 'connect_network', name, engine_id, ...wanted }, cause),
    ];
  });
}

/** A network made anew under its name is another one. */
function isOn({ network_id }: ObservedContainer['networks'][number], { id }: ObservedNetwork): boolean {
  return network_id === '' || network_id === id;
}
