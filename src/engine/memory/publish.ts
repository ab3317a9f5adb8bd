import { ContractError } from '../../../contracts/contract-error.ts';
import { portsOf } from './observed.ts';
import type { MemoryContainer, World } from './world.ts';

const FIRST_PORT = 32_768;

/** Host ports for what is published, the picked ones included. Throws port_conflict. */
export function publish(world: World, container: MemoryContainer): readonly number[] {
  const holders = new Map(
    [...world.containers.values()].flatMap((one) =>
      one.id === container.id
        ? []
        : portsOf(one).map(({ host, protocol }) => [`${host}/${protocol}`, one] as const),
    ),
  );
  let next = FIRST_PORT;
  return (container.request.spec.ports ?? []).map(({ host, protocol = 'tcp' }) => {
    while (host === undefined && holders.has(`${next}/${protocol}`)) next += 1;
    const port = host ?? next++;
    const holder = holders.get(`${port}/${protocol}`);
    if (holder !== undefined)
      throw new ContractError('port_conflict', `port ${port} is taken by container ${holder.name}`, {
        details: { port, holder: holder.id, holder_name: holder.name },
      });
    return port;
  });
}
