import { openDockerEngine } from './docker/docker-engine.ts';
import type { Engine } from './engine.ts';
import { parseHost, type TlsSurroundings } from './parse-host.ts';

/** The engine at an address: `unix://`, `tcp://`, `ssh://`. Connects at the first call. Throws invalid_config. */
export function openEngine(host: string, tls: TlsSurroundings = {}): Engine {
  return openDockerEngine(host, parseHost(host, tls));
}
