import type { PublishedPort } from '../../contracts/container-view.ts';

/** `0.0.0.0:6379->6379/tcp`, as docker prints it. */
export function formatPorts(ports: readonly PublishedPort[]): string {
  return ports
    .map(
      ({ host_ip, host, container, protocol }) =>
        `${host_ip.includes(':') ? `[${host_ip}]` : host_ip}:${host}->${container}/${protocol}`,
    )
    .join(', ');
}
