import type { IPAM, NetworkInspectInfo, VolumeInspectInfo } from 'dockerode';
import type { ObservedNetwork, ObservedVolume } from '../plan/observed.ts';

/** A network in our words. */
export function observedNetwork(info: NetworkInspectInfo): ObservedNetwork {
  const members = Object.entries(info.Containers ?? {}).map(([container_id, one]) => ({
    container_id,
    name: one.Name,
    ...(one.IPv4Address && { ipv4: one.IPv4Address }),
    ...(one.IPv6Address && { ipv6: one.IPv6Address }),
    ...(one.MacAddress && { mac: one.MacAddress }),
  }));
  return {
    id: info.Id,
    name: info.Name,
    driver: info.Driver,
    scope: info.Scope,
    internal: info.Internal ?? false,
    attachable: info.Attachable ?? false,
    ipv6: info.EnableIPv6 ?? false,
    options: info.Options ?? {},
    ipam: ipamOf(info.IPAM),
    ...(info.Created && { created_at: info.Created }),
    labels: info.Labels ?? {},
    container_ids: members.map(({ container_id }) => container_id),
    members,
  };
}

function ipamOf(ipam: IPAM | undefined): ObservedNetwork['ipam'] {
  return {
    driver: ipam?.Driver ?? 'default',
    options: ipam?.Options ?? {},
    config: (ipam?.Config ?? []).map((range) => {
      const { Subnet, IPRange, Gateway, AuxiliaryAddresses } = range;
      const aux = Object.fromEntries(
        Object.entries(AuxiliaryAddresses ?? {}).filter(
          (one): one is [string, string] => one[1] !== undefined,
        ),
      );
      return {
        ...(Subnet && { subnet: Subnet }),
        ...(IPRange && { ip_range: IPRange }),
        ...(Gateway && { gateway: Gateway }),
        ...(Object.keys(aux).length > 0 && { aux_addresses: aux }),
      };
    }),
  };
}

/** A volume in our words. */
export function observedVolume(info: VolumeInspectInfo & { readonly CreatedAt?: string }): ObservedVolume {
  return {
    name: info.Name,
    driver: info.Driver,
    scope: info.Scope ?? 'local',
    options: info.Options ?? {},
    ...(info.Mountpoint && { mountpoint: info.Mountpoint }),
    ...(info.CreatedAt && { created_at: info.CreatedAt }),
    labels: info.Labels ?? {},
  };
}
