import type { RawEngine } from './raw-engine.ts';

type Json = Readonly<Record<string, unknown>>;

/** One project’s containers, networks and volumes as the engine shows them, by name, without what is only named, numbered or timed. */
export interface Inspected {
  readonly containers: Readonly<Record<string, Json>>;
  readonly networks: Readonly<Record<string, Json>>;
  readonly volumes: Readonly<Record<string, Json>>;
}

/** Labels of Compose and of Berth. */
const OWN = /^(com\.docker\.compose\.|berth\.)/;
/** Said by nobody in a file: what Berth says instead of an engine’s default is no difference of what was asked. */
const DEFAULTS: readonly string[] = ['HostConfig.LogConfig', 'Config.StopTimeout'];

export async function inspected(
  engine: RawEngine,
  project: string,
  asked: readonly string[],
): Promise<Inspected> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.compose.project=${project}`] }));
  const list = async (path: string): Promise<readonly Json[]> =>
    (await engine.ask('GET', path)).body as readonly Json[];
  const containers = await list(`/containers/json?all=1&filters=${filters}`);
  const names = new Map(
    containers.map(({ Id, Names }) => [String(Id), String((Names as string[])[0]).slice(1)]),
  );
  const each = await Promise.all(
    containers.map(
      async ({ Id }) => (await engine.ask('GET', `/containers/${String(Id)}/json`)).body as Json,
    ),
  );
  const { Volumes } = (await engine.ask('GET', `/volumes?filters=${filters}`)).body as {
    Volumes: readonly Json[] | null;
  };
  return {
    containers: byName(each.map((one) => [String(one['Name']).slice(1), containerOf(one, names, asked)])),
    networks: byName(
      (await list(`/networks?filters=${filters}`)).map((one) => [String(one['Name']), networkOf(one)]),
    ),
    volumes: byName((Volumes ?? []).map((one) => [String(one['Name']), volumeOf(one)])),
  };
}

function containerOf(seen: Json, names: ReadonlyMap<string, string>, asked: readonly string[]): Json {
  const { Id } = seen;
  const config = { ...(seen['Config'] as Json) };
  const host = { ...(seen['HostConfig'] as Json) };
  const { Networks = {} } = seen['NetworkSettings'] as { Networks?: Readonly<Record<string, Json>> };
  const named = (text: unknown): unknown =>
    String(text).replace(
      /\b([0-9a-f]{64}|[0-9a-f]{12})$/,
      (id) => [...names].find(([whole]) => whole.startsWith(id))?.[1] ?? id,
    );
  const whole = {
    State: { Status: (seen['State'] as Json)['Status'], ExitCode: (seen['State'] as Json)['ExitCode'] },
    Platform: seen['Platform'],
    Config: {
      ...config,
      Env: [...((config['Env'] as string[] | null) ?? [])].sort(),
      Labels: ownLabels(config['Labels']),
      // The same name, said shorter.
      Image: String(config['Image']).replace(/:latest$/, ''),
      // Where nobody names it, it is its id.
      Hostname: String(Id).startsWith(String(config['Hostname'])) ? '' : named(config['Hostname']),
      // Whether the command line of Compose would look on.
      AttachStdout: false,
      AttachStderr: false,
    },
    HostConfig: {
      ...host,
      // Compose says them in no order.
      ExtraHosts: ((host['ExtraHosts'] as string[] | null) ?? []).toSorted(),
      NetworkMode: named(host['NetworkMode']),
      PidMode: named(host['PidMode']),
      IpcMode: named(host['IpcMode']),
      VolumesFrom: ((host['VolumesFrom'] as string[] | null) ?? []).map(named),
      // Two ways to say the same; what comes of them is compared below.
      Binds: null,
      Mounts: null,
      // Links of a network stand with it.
      Links: null,
    },
    Mounts: ((seen['Mounts'] as Json[] | null) ?? [])
      .map(({ Type, Name, Source, Destination, RW, Propagation, Driver }) => ({
        Type,
        ...(Type === 'volume'
          ? { Name: /^[0-9a-f]{64}$/.test(String(Name)) ? 'anonymous' : Name, Driver }
          : { Source }),
        Destination,
        RW,
        Propagation,
      }))
      .sort((a, b) => (String(a.Destination) < String(b.Destination) ? -1 : 1)),
    Networks: Object.fromEntries(
      Object.entries(Networks).map(([name, { Aliases, IPAMConfig, Links, DriverOpts }]) => [
        name,
        {
          Aliases: [...((Aliases as string[] | null) ?? [])]
            .filter((alias) => !String(Id).startsWith(alias))
            .sort(),
          IPAMConfig,
          // On a network that the other is not on they lead nowhere.
          Links: Links === null || name !== host['NetworkMode'] ? null : (Links as string[]).toSorted(),
          DriverOpts,
        },
      ]),
    ),
  };
  const flat = flattened(whole);
  return Object.fromEntries(
    Object.entries(flat).filter(([path]) => {
      const known = DEFAULTS.find((one) => path === one || path.startsWith(`${one}.`));
      return known === undefined || asked.includes(known);
    }),
  );
}

function networkOf(seen: Json): Json {
  const { Driver, Internal, Attachable, EnableIPv6, Options, IPAM, Labels } = seen;
  const { Config, ...ipam } = IPAM as Json;
  // The engine picks a range where none is said; ours are then written down.
  const said = ((Config as Json[] | null) ?? []).filter(({ Subnet }) => String(Subnet).startsWith('10.'));
  return flattened({
    Driver,
    Internal,
    Attachable,
    EnableIPv6,
    Options,
    Labels: ownLabels(Labels),
    IPAM: { ...ipam, Config: said },
  });
}

function volumeOf({ Driver, Options, Labels }: Json): Json {
  return flattened({ Driver, Options, Labels: ownLabels(Labels) });
}

function ownLabels(labels: unknown): Json {
  return Object.fromEntries(Object.entries((labels ?? {}) as Json).filter(([label]) => !OWN.test(label)));
}

/** Each leaf by its path; what is nothing (null, zero, false, empty) is left out. */
function flattened(value: unknown, path = ''): Record<string, unknown> {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    return Array.isArray(value) && value.every((one) => one === 0) ? {} : { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, one]) => flattened(one, path === '' ? key : `${path}.${key}`)),
  );
}

function byName(pairs: readonly (readonly [string, Json])[]): Readonly<Record<string, Json>> {
  return Object.fromEntries([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)));
}
