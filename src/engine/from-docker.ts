import type { ContainerInspectInfo, ImageInspectInfo } from 'dockerode';
import type { Health } from '../../contracts/events.ts';
import type {
  EngineState,
  ObservedAttachment,
  ObservedContainer,
  ObservedImage,
  ObservedImageConfig,
  ObservedMount,
  ObservedPort,
} from '../plan/observed.ts';

import { observedLimits } from './observed-limits.ts';
import { envOf, healthCheckOf, observedSettings } from './settings-from-docker.ts';

const STATES: ReadonlySet<string> = new Set([
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
]);
const HEALTHS: ReadonlySet<string> = new Set(['starting', 'healthy', 'unhealthy']);
const ANONYMOUS = /^[0-9a-f]{64}$/;

/** An inspect in our words. Times stay text, so that nanoseconds survive. */
export function observedContainer(info: ContainerInspectInfo): ObservedContainer {
  const { State: state, Config: config, HostConfig: host } = info;
  const word = stateOf(state.Status);
  const started_at = timeOf(state.StartedAt);
  const finished_at = timeOf(state.FinishedAt);
  const ended = word === 'exited' || word === 'dead';
  const mounts = (info.Mounts ?? []).map(mountOf);
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    image: config.Image,
    image_id: info.Image,
    state: word,
    health: healthOf(state.Health?.Status),
    ...(ended && { exit_code: state.ExitCode }),
    oom_killed: state.OOMKilled,
    ...(state.Error && { error: state.Error }),
    created_at: info.Created,
    ...(started_at !== undefined && { started_at }),
    ...(finished_at !== undefined && { finished_at }),
    restart_count: info.RestartCount,
    restart_policy: policyText(host.RestartPolicy),
    ...observedLimits(host),
    ...(host.NetworkMode && { network_mode: host.NetworkMode }),
    ...sharesOf(host),
    labels: config.Labels ?? {},
    ports: portsOf(info.NetworkSettings.Ports),
    networks: Object.entries(info.NetworkSettings.Networks ?? {}).map(([network, endpoint]) =>
      attachment(network, endpoint, info.Id),
    ),
    mounts,
    tty: config.Tty,
    open_stdin: config.OpenStdin,
    log_driver: host.LogConfig?.Type ?? 'json-file',
    settings: observedSettings(info, mounts),
  };
}

/** Of containers whose namespaces it shares the engine keeps the ids. */
function sharesOf(host: ContainerInspectInfo['HostConfig']): Pick<ObservedContainer, 'shares'> {
  const shares = [host.NetworkMode, host.IpcMode, host.PidMode].flatMap((mode) =>
    mode?.startsWith('container:') ? [mode.slice('container:'.length)] : [],
  );
  return shares.length === 0 ? {} : { shares: [...new Set(shares)] };
}

export function stateOf(text: string): EngineState {
  return STATES.has(text) ? (text as EngineState) : 'dead';
}

function healthOf(text: string | undefined): Health {
  return text !== undefined && HEALTHS.has(text) ? (text as Health) : 'none';
}

/** With all nine digits, so that times compare as text; the engine writes the year 1 for «never». */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || text.startsWith('0001-')) return undefined;
  return text.replace(
    /(?:\.(\d+))?Z$/,
    (_, digits: string | undefined) => `.${(digits ?? '').padEnd(9, '0')}Z`,
  );
}

function policyText(
  policy: { Name?: string | undefined; MaximumRetryCount?: number | undefined } | undefined,
): string {
  const name = policy?.Name === undefined || policy.Name === '' ? 'no' : policy.Name;
  return name === 'on-failure' && (policy?.MaximumRetryCount ?? 0) > 0
    ? `on-failure:${policy?.MaximumRetryCount}`
    : name;
}

type Bindings = Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>>;

function portsOf(bindings: Bindings | undefined): readonly ObservedPort[] {
  return withoutTwins(
    Object.entries(bindings ?? {}).flatMap(([key, hosts]) => {
      const [container = '0', protocol = 'tcp'] = key.split('/');
      return (hosts ?? []).map(({ HostIp = '', HostPort = '0' }) =>
        observedPort(HostIp, Number(HostPort), Number(container), protocol),
      );
    }),
  );
}

/** A published port; the engine leaves the address empty for «all». */
export function observedPort(
  host_ip: string,
  host: number,
  container: number,
  protocol: string,
): ObservedPort {
  return {
    host_ip: host_ip === '' ? '0.0.0.0' : host_ip,
    host,
    container,
    protocol: protocol === 'udp' || protocol === 'sctp' ? protocol : 'tcp',
  };
}

/** The engine lists a port of all addresses twice, for IPv4 and IPv6; here it is there once. */
export function withoutTwins(ports: readonly ObservedPort[]): readonly ObservedPort[] {
  const key = ({ host, container, protocol }: ObservedPort): string => `${host}:${container}/${protocol}`;
  const everywhere = new Set(ports.filter(({ host_ip }) => host_ip === '0.0.0.0').map(key));
  return ports.filter((port) => port.host_ip !== '::' || !everywhere.has(key(port)));
}

function attachment(
  network: string,
  endpoint: {
    NetworkID?: string;
    IPAddress?: string;
    GlobalIPv6Address?: string;
    MacAddress?: string;
    Aliases?: readonly string[] | null;
    DNSNames?: readonly string[] | null;
    IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string } | null;
  },
  id: string,
): ObservedAttachment {
  const aliases = [...new Set([...(endpoint.Aliases ?? []), ...(endpoint.DNSNames ?? [])])].filter(
    (alias) => alias.length < 12 || !id.startsWith(alias),
  );
  return {
    network,
    network_id: endpoint.NetworkID ?? '',
    aliases,
    ...(endpoint.IPAddress ? { ip: endpoint.IPAddress } : {}),
    ...(endpoint.GlobalIPv6Address ? { ipv6: endpoint.GlobalIPv6Address } : {}),
    ...(endpoint.MacAddress ? { mac: endpoint.MacAddress } : {}),
    ...askedAddresses(endpoint.IPAMConfig ?? {}),
  };
}

function askedAddresses({
  IPv4Address,
  IPv6Address,
}: {
  readonly IPv4Address?: string;
  readonly IPv6Address?: string;
}): Pick<ObservedAttachment, 'asked'> {
  if (!IPv4Address && !IPv6Address) return {};
  return {
    asked: {
      ...(IPv4Address && { ipv4_address: IPv4Address }),
      ...(IPv6Address && { ipv6_address: IPv6Address }),
    },
  };
}

function mountOf(mount: ContainerInspectInfo['Mounts'][number]): ObservedMount {
  const type =
    mount.Type === 'bind' || mount.Type === 'volume' || mount.Type === 'tmpfs' ? mount.Type : 'other';
  const source = (type === 'volume' ? mount.Name : mount.Source) ?? '';
  return {
    type,
    container: mount.Destination ?? '',
    source,
    anonymous: type === 'volume' && ANONYMOUS.test(source),
    mode: mount.RW === false ? 'ro' : 'rw',
  };
}

export function observedImage(info: ImageInspectInfo): ObservedImage {
  return {
    id: info.Id,
    tags: info.RepoTags ?? [],
    digests: info.RepoDigests ?? [],
    labels: info.Config?.Labels ?? {},
    size: info.Size ?? 0,
    ...(info.Created && { created_at: info.Created }),
    os: info.Os ?? '',
    architecture: info.Architecture ?? '',
    ...(info.Variant && { variant: info.Variant }),
    ...(info.Config && { config: imageConfig(info.Config) }),
  };
}

/** What a container gets from its image; nothing of what is empty. */
function imageConfig(config: ImageInspectInfo['Config']): ObservedImageConfig {
  const words = (given: string | readonly string[] | null | undefined): readonly string[] | undefined =>
    given?.length ? [given].flat() : undefined;
  const { StopSignal, Healthcheck } = config as {
    readonly StopSignal?: string;
    readonly Healthcheck?: Parameters<typeof healthCheckOf>[0];
  };
  const all = {
    command: words(config.Cmd),
    entrypoint: words(config.Entrypoint),
    user: config.User || undefined,
    work_dir: config.WorkingDir || undefined,
    stop_signal: StopSignal || undefined,
    expose: words(Object.keys(config.ExposedPorts ?? {})),
    health_check: healthCheckOf(Healthcheck),
  };
  return {
    env: envOf(config.Env),
    ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  };
}
