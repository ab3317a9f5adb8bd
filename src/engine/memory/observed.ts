import { settingsOf } from '../../plan/fields/differences.ts';
import { imageOf } from '../../plan/mentioned.ts';
import type { ObservedContainer, ObservedMount, ObservedPort } from '../../plan/observed.ts';
import { parseImageReference } from '../image-reference.ts';
import { findNetwork, type MemoryContainer, type World } from './world.ts';

const ANONYMOUS = /^[0-9a-f]{64}$/;

/** Ours over those of the spec. */
export function labelsOf({ request }: MemoryContainer): Readonly<Record<string, string>> {
  return { ...request.spec.labels, ...request.labels };
}

/** Its published ports while it is up. */
export function portsOf({ host_ports, request }: MemoryContainer): readonly ObservedPort[] {
  return (request.spec.ports ?? []).flatMap(({ container, protocol = 'tcp', host_ip = '0.0.0.0' }, index) => {
    const host = host_ports[index];
    return host === undefined ? [] : [{ host_ip, host, container, protocol }];
  });
}

/** What it mounts, declared and kept. */
export function mountsOf({ request }: MemoryContainer): readonly ObservedMount[] {
  const declared = (request.spec.volumes ?? []).map(
    ({ host, name, container, mode = 'rw' }): ObservedMount => ({
      type: host === undefined ? 'volume' : 'bind',
      container,
      source: host ?? name ?? '',
      anonymous: false,
      mode,
    }),
  );
  const kept = Object.entries(request.keep_volumes).map(
    ([container, source]): ObservedMount => ({
      type: 'volume',
      container,
      source,
      anonymous: ANONYMOUS.test(source),
      mode: 'rw',
    }),
  );
  return [
    ...declared,
    ...kept.filter(({ container }) => declared.every((one) => one.container !== container)),
  ];
}

/** As an inspect shows it. */
export function observed(world: World, one: MemoryContainer): ObservedContainer {
  return {
    id: one.id,
    name: one.name,
    image: parseImageReference(imageOf(one.request.spec)).text,
    image_id: one.image_id,
    state: one.state,
    health: 'none',
    ...(one.state === 'exited' && { exit_code: one.exit_code }),
    oom_killed: false,
    ...(one.error !== undefined && { error: one.error }),
    created_at: one.created_at,
    ...(one.started_at !== undefined && { started_at: one.started_at }),
    ...(one.finished_at !== undefined && { finished_at: one.finished_at }),
    restart_count: one.restart_count,
    ...one.limits,
    labels: labelsOf(one),
    ports: portsOf(one),
    networks: [...one.networks].map(([network, aliases]) => ({
      network,
      network_id: findNetwork(world, network)?.id ?? '',
      aliases,
    })),
    mounts: mountsOf(one),
    tty: one.request.spec.tty ?? false,
    open_stdin: one.request.spec.interactive ?? false,
    log_driver: 'memory',
    settings: settingsOf(
      one.request.spec,
      [...world.images.values()].find(({ id }) => id === one.image_id),
    ),
  };
}
