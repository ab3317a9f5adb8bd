import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { mentionedNetworks } from './mentioned.ts';
import type { ObservedContainer } from './observed.ts';
import { isUp } from './steps.ts';

/** Fields in which a container visibly differs from a spec. What an inspect in our words does not show (env, command …) is not among them. */
export function changedFields(spec: ContainerSpec, seen: ObservedContainer): readonly string[] {
  const differs = {
    network: mentionedNetworks(spec).some((name) => !seen.networks.some((one) => one.network === name)),
    ports: isUp(seen) && portsDiffer(spec.ports ?? [], seen.ports),
    volumes: spec.volumes_from === undefined && volumesDiffer(mountsWanted(spec), seen.mounts),
    labels: Object.entries(spec.labels ?? {}).some(([label, value]) => seen.labels[label] !== value),
    interactive: (spec.interactive ?? false) !== seen.open_stdin,
    tty: (spec.tty ?? false) !== seen.tty,
  };
  return Object.entries(differs).flatMap(([field, is]) => (is ? [field] : []));
}

function portsDiffer(wanted: NonNullable<ContainerSpec['ports']>, seen: ObservedContainer['ports']): boolean {
  const shown = (container: number, protocol: string): ObservedContainer['ports'] =>
    seen.filter((port) => port.container === container && port.protocol === protocol);
  return (
    wanted.some(
      ({ host, container, protocol = 'tcp' }) =>
        !shown(container, protocol).some((port) => host === undefined || port.host === host),
    ) ||
    seen.some(
      ({ container, protocol }) =>
        !wanted.some((port) => port.container === container && (port.protocol ?? 'tcp') === protocol),
    )
  );
}

type WantedMount = Pick<NonNullable<ContainerSpec['volumes']>[number], 'container' | 'name' | 'mode'>;

function mountsWanted({ volumes = [], mounts = [] }: ContainerSpec): readonly WantedMount[] {
  const long = mounts.flatMap((mount): WantedMount[] =>
    mount.type === 'tmpfs' || (mount.type === 'volume' && mount.source === undefined)
      ? []
      : [
          {
            container: mount.target,
            ...(mount.type === 'volume' && { name: mount.source }),
            mode: mount.read_only ? 'ro' : 'rw',
          },
        ],
  );
  return [...volumes, ...long];
}

function volumesDiffer(wanted: readonly WantedMount[], seen: ObservedContainer['mounts']): boolean {
  const declared = seen.filter(({ anonymous, type }) => !anonymous && type !== 'tmpfs');
  return (
    declared.some(({ container }) => !wanted.some((one) => one.container === container)) ||
    wanted.some(({ container, name, mode = 'rw' }) => {
      const mount = declared.find((one) => one.container === container);
      return mount === undefined || mount.mode !== mode || (name !== undefined && mount.source !== name);
    })
  );
}
