import type { ContainerSpec } from '../../../contracts/container-spec.ts';

/** What a member’s spec is put into. */
export interface Around {
  /** Undefined: its members share none. */
  readonly network: string | undefined;
  readonly short: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The container’s name of a short one. */
  readonly full: (short: string) => string;
}

/** A member’s spec: on the shared network unless it says otherwise, with the group’s labels, and the others by their full names. */
export function inGroup(spec: ContainerSpec, { network, short, labels, full }: Around): ContainerSpec {
  const peer = (mode: string): string =>
    mode.startsWith('container:') ? `container:${full(mode.slice('container:'.length))}` : mode;
  const first = (text: string): string => {
    const [name = '', ...rest] = text.split(':');
    return [full(name), ...rest].join(':');
  };
  const links = spec.links?.map((link) => (link.includes(':') ? first(link) : `${full(link)}:${link}`));
  const isAlone = spec.network !== undefined || spec.network_mode !== undefined || spec.network_disabled;
  const named =
    isAlone || network === undefined || spec.uts === 'host' || !HOSTNAME.test(short)
      ? {}
      : { hostname: spec.hostname ?? short };
  return {
    ...spec,
    ...named,
    ...(!isAlone && network !== undefined && joined(spec, network)),
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
