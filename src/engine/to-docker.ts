import { homedir } from 'node:os';
import type { ContainerSpec, HealthCheck } from '../../contracts/container-spec.ts';
import { commandWords } from '../plan/command-words.ts';
import { imageOf, joinedNetwork } from '../plan/mentioned.ts';
import { parseRestartPolicy } from '../plan/restart-policy.ts';
import { parseImageReference } from './image-reference.ts';
import type { CreateContainer } from './port/container-calls.ts';

/** The body of `POST /containers/create`, as far as we set it. */
export interface CreateBody {
  Image?: string;
  Cmd?: readonly string[];
  Entrypoint?: readonly string[];
  Env?: readonly string[];
  Labels?: Readonly<Record<string, string>>;
  WorkingDir?: string;
  User?: string;
  Hostname?: string;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  AttachStdin?: boolean;
  StopSignal?: string;
  StopTimeout?: number;
  ExposedPorts?: Readonly<Record<string, object>>;
  Healthcheck?: object;
  HostConfig: {
    Binds?: readonly string[];
    Mounts?: readonly object[];
    PortBindings?: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>>;
    NetworkMode?: string;
    RestartPolicy?: { readonly Name: string; readonly MaximumRetryCount: number };
    Memory?: number;
    NanoCpus?: number;
    Init?: boolean;
    LogConfig?: { Type: string; Config: Readonly<Record<string, string>> };
  };
  NetworkingConfig?: { EndpointsConfig: Readonly<Record<string, { Aliases: readonly string[] }>> };
}

interface Fragment {
  readonly config?: Omit<CreateBody, 'HostConfig'>;
  readonly host?: CreateBody['HostConfig'];
}
type Line<K extends keyof ContainerSpec> = (
  value: NonNullable<ContainerSpec[K]> | undefined,
  request: CreateContainer,
) => Fragment;

/** Seconds before a kill when the spec does not say. */
export const DEFAULT_STOP_TIMEOUT = 10;

/** Nothing when the field is left out. */
const config =
  <V>(make: (value: V) => Omit<CreateBody, 'HostConfig'>) =>
  (value: V | undefined): Fragment =>
    value === undefined ? {} : { config: make(value) };
const host =
  <V>(make: (value: V) => CreateBody['HostConfig']) =>
  (value: V | undefined): Fragment =>
    value === undefined ? {} : { host: make(value) };

/** One line a field: what it means to the engine, and what its absence means. A field without its line does not compile. */
const LINES: { readonly [K in keyof Required<ContainerSpec>]: Line<K> } = {
  image: (_, { spec }) => ({ config: { Image: parseImageReference(imageOf(spec)).text } }),
  command: config((value) => ({ Cmd: typeof value === 'string' ? commandWords(value) : value })),
  args: config((value) => ({ Cmd: value })),
  entrypoint: config((value) => ({
    Entrypoint: typeof value === 'string' ? commandWords(value) : value.length === 0 ? [''] : value,
  })),
  env: config((value) => ({ Env: Object.entries(value).map(([name, text]) => `${name}=${text}`) })),
  ports: (value) => (value === undefined ? {} : published(value)),
  network: (value, { aliases }) => (value === undefined ? {} : joined(value, aliases)),
  volumes: (value, { keep_volumes }) => ({ host: mounted(value ?? [], keep_volumes) }),
  work_dir: config((value) => ({ WorkingDir: value })),
  interactive: config((value) => (value ? { OpenStdin: true, StdinOnce: false } : {})),
  labels: (value, { labels }) => ({ config: { Labels: { ...value, ...labels } } }),
  restart_policy: (_, { restart_policy }) => ({ host: { RestartPolicy: dockerPolicy(restart_policy) } }),
  user: config((value) => ({ User: value })),
  hostname: config((value) => ({ Hostname: value })),
  health_check: config((value) => ({ Healthcheck: healthcheck(value) })),
  memory_limit: host((value) => ({ Memory: value })),
  cpu_limit: host((value) => ({ NanoCpus: nanoCpus(value) })),
  init: (value) => ({ host: { Init: value ?? true } }),
  stop_signal: config((value) => ({ StopSignal: value })),
  stop_timeout: (value) => ({ config: { StopTimeout: Math.ceil(value ?? DEFAULT_STOP_TIMEOUT) } }),
};

/** A reader that is more than one rotation behind loses lines without a word, so the files are large and few. */
const LARGE_AND_FEW = { 'max-size': '100m', 'max-file': '2' };

/**
 * Bounded, and exact where the engine can: json-file turns each byte that is no UTF-8 into a replacement, even the halves of a
 * character cut at 16 KiB; but the local driver of old engines (seen in 20.10) does not say where a long line ends.
 */
function logging(api: string): { readonly Type: string; readonly Config: Readonly<Record<string, string>> } {
  return Number(api.split('.')[1]) >= 44
    ? { Type: 'local', Config: { ...LARGE_AND_FEW, compress: 'false' } }
    : { Type: 'json-file', Config: LARGE_AND_FEW };
}

/** A create request in the words of an engine that speaks `api`, like `1.45`. */
export function toDocker(request: CreateContainer, api: string): CreateBody {
  const fragments = (Object.keys(LINES) as (keyof typeof LINES)[]).map((field) => fragmentOf(field, request));
  const HostConfig: CreateBody['HostConfig'] = {
    LogConfig: logging(api),
  };
  return Object.assign({}, ...fragments.map((fragment) => fragment.config), {
    HostConfig: Object.assign(HostConfig, ...fragments.map((fragment) => fragment.host)),
  });
}

function fragmentOf<K extends keyof typeof LINES>(field: K, request: CreateContainer): Fragment {
  const line: Line<K> = LINES[field];
  return line(request.spec[field] ?? undefined, request);
}

/** A restart policy as the engine takes it. */
export function dockerPolicy(text: string): { readonly Name: string; readonly MaximumRetryCount: number } {
  const policy = parseRestartPolicy(text);
  return { Name: policy.name, MaximumRetryCount: policy.name === 'on-failure' ? (policy.max ?? 0) : 0 };
}

/** CPUs as the engine counts them. */
export function nanoCpus(cpus: number): number {
  return Math.round(cpus * 1e9);
}

function published(ports: NonNullable<ContainerSpec['ports']>): Fragment {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { host: port, container, protocol = 'tcp', host_ip = '' } of ports) {
    const key = `${container}/${protocol}`;
    bindings[key] = [
      ...(bindings[key] ?? []),
      { HostIp: host_ip, HostPort: port === undefined ? '' : String(port) },
    ];
  }
  return {
    config: { ExposedPorts: Object.fromEntries(Object.keys(bindings).map((key) => [key, {}])) },
    host: { PortBindings: bindings },
  };
}

function joined(network: string, aliases: readonly string[]): Fragment {
  const own = joinedNetwork({ network }) === undefined;
  return {
    host: { NetworkMode: network },
    ...(!own && { config: { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: aliases } } } } }),
  };
}

/** Named volumes and kept anonymous ones as mounts; paths as binds, which the engine makes when they are missing. */
function mounted(
  volumes: NonNullable<ContainerSpec['volumes']>,
  kept: Readonly<Record<string, string>>,
): CreateBody['HostConfig'] {
  const named = volumes.flatMap(({ name, container, mode }) =>
    name === undefined ? [] : [{ Type: 'volume', Source: name, Target: container, ReadOnly: mode === 'ro' }],
  );
  const declared = new Set(volumes.map(({ container }) => container.replace(/\/+$/, '')));
  const vacant = Object.entries(kept).filter(([container]) => !declared.has(container.replace(/\/+$/, '')));
  const again = vacant.map(([container, name]) => ({
    Type: 'volume',
    Source: name,
    Target: container,
    ReadOnly: false,
  }));
  const binds = volumes.flatMap(({ host: path, container, mode = 'rw' }) =>
    path === undefined ? [] : [`${absolute(path)}:${container}:${mode}`],
  );
  return {
    ...(named.length + again.length > 0 && { Mounts: [...named, ...again] }),
    ...(binds.length > 0 && { Binds: binds }),
  };
}

/** Entries come with absolute paths; a call may still say `~/`. */
function absolute(path: string): string {
  return path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path;
}

function healthcheck({ test, interval, timeout, retries, start_period }: HealthCheck): object {
  const nanos = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : Math.round(seconds * 1e9);
  const words =
    typeof test === 'string'
      ? ['CMD-SHELL', test]
      : ['CMD', 'CMD-SHELL', 'NONE'].includes(test[0] ?? '')
        ? test
        : ['CMD', ...test];
  return {
    Test: words,
    Interval: nanos(interval),
    Timeout: nanos(timeout),
    Retries: retries,
    StartPeriod: nanos(start_period),
  };
}
