import type { ContainerSpec, HealthCheck } from '../../contracts/container-spec.ts';
import { commandWords } from '../plan/command-words.ts';
import { imageOf } from '../plan/mentioned.ts';
import { parseRestartPolicy } from '../plan/restart-policy.ts';
import { parseImageReference } from './image-reference.ts';
import type { CreateContainer } from './port/container-calls.ts';
import { CONVERGENCE_LINES } from './to-docker/convergence.ts';
import type { ConfigBody, CreateBody, HostBody } from './to-docker/create-body.ts';
import { config, type Fragment, type Line, type LinesOf, merged } from './to-docker/fragment.ts';
import { HANDLING_LINES } from './to-docker/handling.ts';
import { NETWORKING_LINES } from './to-docker/networking.ts';
import { RESOURCE_LINES } from './to-docker/resources.ts';
import { SECURITY_LINES } from './to-docker/security.ts';
import { STORAGE_LINES } from './to-docker/storage.ts';

/** Seconds before a kill when the spec does not say. */
export const DEFAULT_STOP_TIMEOUT = 10;

/** One line a field: what it means to the engine, and what its absence means. A field without its line does not compile. */
const LINES: LinesOf<Required<ContainerSpec>> = {
  ...NETWORKING_LINES,
  ...STORAGE_LINES,
  ...RESOURCE_LINES,
  ...SECURITY_LINES,
  ...HANDLING_LINES,
  ...CONVERGENCE_LINES,
  image: (_, { spec }) => ({ config: { Image: parseImageReference(imageOf(spec)).text } }),
  command: config((value) => ({ Cmd: typeof value === 'string' ? commandWords(value) : value })),
  args: config((value) => ({ Cmd: value })),
  entrypoint: config((value) => ({
    Entrypoint: typeof value === 'string' ? commandWords(value) : value.length === 0 ? [''] : value,
  })),
  env: config((value) => ({ Env: Object.entries(value).map(([name, text]) => `${name}=${text}`) })),
  work_dir: config((value) => ({ WorkingDir: value })),
  interactive: config((value) => (value ? { OpenStdin: true } : {})),
  tty: config((value) => (value ? { Tty: true } : {})),
  // What is restarted is a service: its input outlives whoever sends it some. What is not can be told that there is no more.
  stdin_once: (value, { spec, restart_policy }) =>
    spec.interactive ? { config: { StdinOnce: value ?? (!spec.tty && restart_policy === 'no') } } : {},
  labels: (value, { labels }) => ({ config: { Labels: { ...value, ...labels } } }),
  restart_policy: (_, { restart_policy }) => ({ host: { RestartPolicy: dockerPolicy(restart_policy) } }),
  user: config((value) => ({ User: value })),
  hostname: config((value) => ({ Hostname: value })),
  health_check: config((value) => ({ Healthcheck: healthcheck(value) })),
  init: (value) => ({ host: { Init: value ?? true } }),
  stop_signal: config((value) => ({ StopSignal: value })),
  stop_timeout: (value) => ({ config: { StopTimeout: Math.ceil(value ?? DEFAULT_STOP_TIMEOUT) } }),
};

/** A create request in the words of an engine that speaks `api`, like `1.45`. */
export function toDocker(request: CreateContainer, api: string): CreateBody {
  const fragments = (Object.keys(LINES) as (keyof typeof LINES)[]).map((field) =>
    fragmentOf(field, request, api),
  );
  const body = fragments.reduce<ConfigBody>((all, { config: one = {} }) => merged(all, one), {});
  const HostConfig = fragments.reduce<HostBody>((all, { host: one = {} }) => merged(all, one), {});
  return { ...body, HostConfig };
}

function fragmentOf<K extends keyof typeof LINES>(field: K, request: CreateContainer, api: string): Fragment {
  const line: Line<K> = LINES[field];
  return line(request.spec[field] ?? undefined, request, api);
}

/** A restart policy as the engine takes it. */
export function dockerPolicy(text: string): { readonly Name: string; readonly MaximumRetryCount: number } {
  const policy = parseRestartPolicy(text);
  return { Name: policy.name, MaximumRetryCount: policy.name === 'on-failure' ? (policy.max ?? 0) : 0 };
}

function healthcheck({
  test,
  interval,
  timeout,
  retries,
  start_period,
  start_interval,
}: HealthCheck): object {
  const nanos = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : Math.round(seconds * 1e9);
  const words =
    typeof test === 'string'
      ? ['CMD-SHELL', test]
      : test === undefined || ['CMD', 'CMD-SHELL', 'NONE'].includes(test[0] ?? '')
        ? test
        : ['CMD', ...test];
  return {
    Test: words,
    Interval: nanos(interval),
    Timeout: nanos(timeout),
    Retries: retries,
    StartPeriod: nanos(start_period),
    StartInterval: nanos(start_interval),
  };
}
