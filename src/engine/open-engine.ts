import { openDockerEngine } from './docker/docker-engine.ts';
import type { Engine } from './engine.ts';
import { openRemoteEngine } from './memory/remote-engine.ts';
import { parseHost, type TlsSurroundings } from './parse-host.ts';
import type { Registries } from './registries.ts';
import { checkCertificates } from './transport/check-certificates.ts';

const MEMORY = 'memory://';

/**
 * The engine at an address: `unix://`, `tcp://`, `ssh://`, or `memory:///path.sock` for a memory engine that another process
 * serves. Connects at the first call. Without `registries` nobody is logged in anywhere. Throws invalid_config.
 */
export function openEngine(host: string, tls: TlsSurroundings = {}, registries?: Registries): Engine {
  if (host.startsWith(`${MEMORY}/`)) return openRemoteEngine(host.slice(MEMORY.length));
  const options = parseHost(host, tls);
  checkCertificates(options);
  return openDockerEngine(host, options, registries);
}
