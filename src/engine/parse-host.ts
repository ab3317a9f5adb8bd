import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError } from '../../contracts/contract-error.ts';
import type { TransportOptions } from './transport/dial.ts';

export interface TlsSurroundings {
  readonly cert_path?: string | undefined;
  /** Left out: certificates are used when there is a cert path, but the engine’s is not checked against a CA. */
  readonly verify?: boolean | undefined;
}

/** How to reach `unix:///path`, `tcp://host:port`, `http(s)://…` or `ssh://user@host`. Throws invalid_config. */
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
  const { protocol, hostname, port, username } = new URL(host);
  switch (protocol) {
    case 'tcp:':
    case 'http:':
    case 'https:': {
      const secure = protocol === 'https:' || tls.cert_path !== undefined || tls.verify === true;
      return {
        host: hostname,
        port: Number(port || (secure ? 2376 : 2375)),
        protocol: secure ? 'https' : 'http',
        ...(secure && certificates(tls)),
      };
    }
    case 'ssh:':
      return {
        host: hostname,
        port: Number(port || 22),
        protocol: 'ssh',
        ...(username !== '' && { username }),
      };
    default:
      throw refuse(`${protocol} is not known`);
  }
}

function certificates({ cert_path, verify }: TlsSurroundings): Partial<TransportOptions> {
  if (cert_path === undefined) return { verify: verify ?? true };
  const read = (name: string): Buffer => {
    try {
      return readFileSync(join(cert_path, name));
    } catch (error) {
      throw new ContractError('invalid_config', `DOCKER_CERT_PATH: ${name} cannot be read in ${cert_path}`, {
        cause: error,
      });
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), verify: verify ?? false };
}
