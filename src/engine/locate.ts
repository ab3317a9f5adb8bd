import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError } from '../../contracts/contract-error.ts';
import type { TlsSurroundings } from './parse-host.ts';

export interface Surroundings {
  readonly home: string;
  readonly docker_host?: string;
  readonly docker_context?: string;
  /** `~/.docker` unless DOCKER_CONFIG says otherwise. */
  readonly docker_config?: string;
  readonly runtime_dir?: string;
  /** Where Docker’s own sockets are on this machine. Left out: `/var/run/docker.sock` and `/run/docker.sock`. */
  readonly usual_sockets?: readonly string[];
  /** Sockets to look at last: a private engine’s. */
  readonly more_sockets?: readonly string[];
}

export interface Located {
  /** `unix:///…`, `tcp://…`, `ssh://…` */
  readonly host: string;
  readonly found_by: string;
  /** A context’s own certificates; undefined: those that the environment names. */
  readonly tls?: TlsSurroundings;
}

/**
 * The engine that is meant: DOCKER_HOST, the docker context, else the first usual socket that exists. It is not asked whether it
 * answers. Throws engine_unreachable with all that was tried.
 */
export function locateEngine(around: Surroundings, explicit?: string): Located {
  if (explicit !== undefined) return { host: explicit, found_by: 'as asked' };
  if (around.docker_host) return { host: around.docker_host, found_by: 'DOCKER_HOST' };
  const fromContext = contextHost(around);
  if (fromContext !== undefined) return fromContext;
  const sockets = usualSockets(around);
  const found = sockets.find((path) => existsSync(path));
  if (found !== undefined) return { host: `unix://${found}`, found_by: found };
  throw new ContractError(
    'engine_unreachable',
    `no Docker Engine found: DOCKER_HOST is not set, there is no docker context, and none of ${sockets.join(', ')} exists`,
  );
}

const USUAL = ['/var/run/docker.sock', '/run/docker.sock'];

function usualSockets({
  home,
  runtime_dir,
  usual_sockets = USUAL,
  more_sockets = [],
}: Surroundings): readonly string[] {
  return [
    ...usual_sockets,
    ...(runtime_dir === undefined ? [] : [join(runtime_dir, 'docker.sock')]),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    ...more_sockets,
  ];
}

function contextHost({
  home,
  docker_context,
  docker_config = join(home, '.docker'),
}: Surroundings): Located | undefined {
  const name = docker_context ?? stringAt(readJson(join(docker_config, 'config.json')), 'currentContext');
  if (name === undefined || name === '' || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(docker_config, 'contexts/meta', id, 'meta.json');
  const endpoint = at(at(readJson(file), 'Endpoints'), 'docker');
  const host = stringAt(endpoint, 'Host');
  if (host === undefined)
    throw new ContractError('invalid_config', `the docker context ${name} names no engine (${file})`, {
      next: 'Run `docker context ls`, or set DOCKER_HOST.',
    });
  const tls = tlsOf(docker_config, id, at(endpoint, 'SkipTLSVerify') === true);
  return { host, found_by: `the docker context ${name}`, tls };
}

/** A context says nothing of TLS but that it has certificates, and whether the engine’s is to be believed unseen. */
function tlsOf(docker_config: string, id: string, unverified: boolean): TlsSurroundings {
  const cert_path = join(docker_config, 'contexts/tls', id, 'docker');
  if (existsSync(cert_path)) return { cert_path, verify: !unverified };
  return unverified ? { verify: false, secure: true } : {};
}

function readJson(path: string): unknown {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ContractError(
      'invalid_config',
      `${path} cannot be read: ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    );
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

function stringAt(value: unknown, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === 'string' ? found : undefined;
}
