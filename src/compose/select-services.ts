import type { ComposeModel } from './model/model.ts';
import type { ComposeService } from './model/service.ts';

export interface Selection {
  readonly services: Readonly<Record<string, ComposeService>>;
  /** Services of the file that are not run now, by name, and why. */
  readonly left: ReadonlyMap<string, string>;
  /** Names that no service has. */
  readonly unknown: readonly string[];
}

/** The services to run: those of the active profiles; when some are named, those with what they need, whatever their profile. */
export function selectServices(
  { services = {} }: ComposeModel,
  profiles: readonly string[],
  names: readonly string[],
): Selection {
  const unknown = names.filter((name) => !Object.hasOwn(services, name));
  const active = new Set([...profiles, ...names.flatMap((name) => services[name]?.profiles ?? [])]);
  const isActive = ([name, { profiles: own = [] }]: [string, ComposeService]): boolean =>
    own.length === 0 || names.includes(name) || active.has('*') || own.some((profile) => active.has(profile));
  const enabled = Object.fromEntries(Object.entries(services).filter(isActive));
  const wanted = names.length === 0 ? new Set(Object.keys(enabled)) : closure(enabled, names);
  const left = Object.keys(services).flatMap((name): [string, string][] => {
    if (wanted.has(name)) return [];
    return [[name, Object.hasOwn(enabled, name) ? 'its service was not named' : 'its profile is not active']];
  });
  return {
    services: Object.fromEntries(Object.entries(enabled).filter(([name]) => wanted.has(name))),
    left: new Map(left),
    unknown,
  };
}

function closure(
  services: Readonly<Record<string, ComposeService>>,
  names: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const service = services[name];
    if (service === undefined || found.has(name)) return;
    found.add(name);
    for (const other of needsOf(service)) visit(other);
  };
  for (const name of names) visit(name);
  return found;
}

/** The services that one needs: those that it waits for, and those that it shares something with. */
export function needsOf(service: ComposeService): readonly string[] {
  const { depends_on = {}, links = [], volumes_from = [], network_mode, ipc, pid } = service;
  const sharing = [network_mode, ipc, pid].flatMap((mode) =>
    mode?.startsWith('service:') ? [mode.slice('service:'.length)] : [],
  );
  const mounts = volumes_from
    .filter((from) => !from.startsWith('container:'))
    .map((from) => from.split(':')[0] ?? '');
  return [
    ...new Set([
      ...Object.keys(depends_on),
      ...links.map((link) => link.split(':')[0] ?? ''),
      ...sharing,
      ...mounts,
    ]),
  ];
}
