import { ContractError } from '../../../contracts/contract-error.ts';
import { portsOf } from './observed.ts';
import type { MemoryContainer, World } from './world.ts';

const FIRST_PORT = 32_768;
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Host ports for what is published, the picked ones included. Throws port_conflict. */
export function publish(world: World, container: MemoryContainer): readonly number[] {
  const taken = [...world.containers.values()].flatMap((holder) =>
    holder.id === container.id ? [] : portsOf(holder).map((port) => ({ ...port, holder })),
  );
  const holderOf = (host: number, protocol: string, host_ip: string): MemoryContainer | undefined =>
    taken.find(
      (one) =>
        one.host === host &&
        one.protocol === protocol &&
        (one.host_ip === host_ip || EVERYWHERE.has(one.host_ip) || EVERYWHERE.has(host_ip)),
    )?.holder;
  let next = FIRST_PORT;
  return (container.request.spec.ports ?? []).map(({ host, protocol = 'tcp', host_ip = '0.0.0.0' }) => {
    while (host === undefined && holderOf(next, protocol, host_ip) !== undefined) next += 1;
    const port = host ?? next++;
    const holder = holderOf(port, protocol, host_ip);
    if (holder !== undefined)
      throw new ContractError('port_conflict', `port ${port} is taken by container ${holder.name}`, {
        details: { port, holder: holder.id, holder_name: holder.name },
      });
    return port;
  });
}
