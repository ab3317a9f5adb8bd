import type { NetworkSettings } from '../../contracts/network-spec.ts';
import type { Joining } from './port/network-calls.ts';
import type { EndpointBody } from './to-docker/create-body.ts';

/** The body of `POST /networks/create`, its name aside. */
export function networkToDocker({
  driver = 'bridge',
  options,
  ipam,
  internal = false,
  attachable,
  ipv6,
  labels,
}: NetworkSettings & { readonly labels: Readonly<Record<string, string>> }): object {
  return {
    Driver: driver,
    Internal: internal,
    Labels: labels,
    Options: options,
    Attachable: attachable,
    EnableIPv6: ipv6,
    ...(ipam && {
      IPAM: {
        Driver: ipam.driver,
        Options: ipam.options,
        Config: ipam.config?.map(({ subnet, ip_range, gateway, aux_addresses }) => ({
          Subnet: subnet,
          IPRange: ip_range,
          Gateway: gateway,
          AuxiliaryAddresses: aux_addresses,
        })),
      },
    }),
  };
}

/** How a container joins a network, as the engine takes it. */
export function endpointToDocker({
  aliases,
  ipv4_address,
  ipv6_address,
  link_local_ips,
  mac_address,
  driver_opts,
}: Joining): EndpointBody {
  const isStatic = ipv4_address !== undefined || ipv6_address !== undefined || link_local_ips !== undefined;
  return {
    Aliases: aliases,
    ...(mac_address !== undefined && { MacAddress: mac_address }),
    ...(driver_opts && { DriverOpts: driver_opts }),
    ...(isStatic && {
      IPAMConfig: {
        IPv4Address: ipv4_address,
        IPv6Address: ipv6_address,
        ...(link_local_ips && { LinkLocalIPs: link_local_ips }),
      },
    }),
  };
}
