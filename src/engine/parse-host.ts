import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError } from '../../contracts/contract-error.ts';
import type { TransportOptions } from './transport/dial.ts';

export interface TlsSurroundings {
  readonly cert_path?: string | undefined;
  /** Left out: certificates are used when there is a cert path, but the engine’s is not checked against a CA. */
  readonly verify?: boolean | undefined;
  /** True: TLS also without any of them. */
  readonly secure?: boolean | undefined;
}

/** How to reach `unix:///path`, `tcp://host:port`, `http(s)://…` or `ssh://user@host:port/socket/there`. Throws invalid_config. */
export function parseHost(host: string, tls: TlsSurroundings = {}): TransportOptions {
  const refuse = (why: string): ContractError =>
    new ContractError('invalid_config', `\`${host}\` is no engine address: ${why}`, {
      next: 'Write unix:///path/docker.sock, tcp://host:port or ssh://user@host.',
    });
  if (host.startsWith('unix://')) {
    const socketPath = host.slice('unix://'.length);
    if (!socketPath.startsWith('/')) throw refuse('a unix socket has an absolute path');
    return { socketPath };
  }
  if (!URL.canParse(host)) throw refuse('it is no URL');
  const { protocol, hostname, port } = new URL(host);
  switch (protocol) {
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const secure =
        protocol === 'https:' || tls.cert_path !== undefined || tls.verify === true || tls.secure === true;
      return {
        host: hostname,
        port: Number(port || (secure ? 2376 : 2375)),
        protocol: secure ? 'https' : 'http',
        ...(secure && certificates(tls)),
      };
    }
    case 'ssh:':
      return ssh(new URL(host), refuse);
    default:
      throw refuse(`${protocol} is not known`);
  }
}

/** Nothing in it may mean anything to a shell over there. */
const REMOTE_PATH = /^\/[a-zA-Z0-9_.+=:,@%/-]+$/;

function ssh(
  { hostname, port, username, password, pathname }: URL,
  refuse: (why: string) => ContractError,
): TransportOptions {
  if (password !== '') throw refuse('ssh takes no password here; use a key');
  if (hostname === '' || hostname.startsWith('-')) throw refuse('it names no machine');
  const isDefault = pathname === '' || pathname === '/';
  if (!isDefault && !REMOTE_PATH.test(pathname)) throw refuse('its path is no socket’s');
  return {
    host: hostname,
    protocol: 'ssh',
    ...(port !== '' && { port: Number(port) }),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(!isDefault && { remote_socket: pathname }),
  };
}

/** The authority’s certificate is needed to verify the engine’s; our own only when the engine asks for it. */
function certificates({ cert_path, verify }: TlsSurroundings): Partial<TransportOptions> {
  if (cert_path === undefined) return { verify: verify ?? true };
  const read = (name: string): Buffer | undefined => {
    const path = join(cert_path, name);
    if (!existsSync(path)) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      throw unreadable(path, 'cannot be read', error);
    }
  };
  const [ca, cert, key] = [read('ca.pem'), read('cert.pem'), read('key.pem')];
  if (verify === true && ca === undefined) throw unreadable(join(cert_path, 'ca.pem'), 'is not there');
  if ((cert === undefined) !== (key === undefined))
    throw unreadable(join(cert_path, cert === undefined ? 'cert.pem' : 'key.pem'), 'is not there');
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), verify: verify ?? false };
}

function unreadable(path: string, why: string, cause?: unknown): ContractError {
  return new ContractError('invalid_config', `the certificate ${path} ${why}`, {
    cause,
    next: 'Set DOCKER_CERT_PATH to a folder with ca.pem, cert.pem and key.pem.',
  });
}
