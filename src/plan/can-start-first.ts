import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { WantedAttachment } from './mentioned.ts';

/**
 * Why a container of that spec cannot be up beside another one of it, so that the new one cannot start before the old one has
 * stopped: `publishes port 80 of this machine`. Undefined when it can.
 */
export function whyNotStartFirst(
  spec: ContainerSpec,
  connections: readonly WantedAttachment[] = [],
): string | undefined {
  const port = spec.ports?.find(({ host }) => host !== undefined)?.host;
  if (port !== undefined) return `publishes port ${port} of this machine`;
  const mode = spec.network_mode ?? spec.network;
  if (mode === 'host' || mode?.startsWith('container:'))
    return 'has no ports of its own, since it shares the network of another';
  if (spec.mac_address !== undefined) return `has the fixed address ${spec.mac_address}`;
  const joined = [...Object.values(spec.networks ?? {}), ...connections];
  const fixed = joined
    .map(({ ipv4_address, ipv6_address, mac_address }) => ipv4_address ?? ipv6_address ?? mac_address)
    .find((address) => address !== undefined);
  return fixed === undefined ? undefined : `has the fixed address ${fixed}`;
}

/** Whether two of that spec can be up at once: see `whyNotStartFirst`. */
export function canStartFirst(spec: ContainerSpec): boolean {
  return whyNotStartFirst(spec) === undefined;
}
