import { NO_CREDENTIALS } from '../credentials/no-credentials.ts';
import type { Engine } from '../engine.ts';
import { type Registries, resolveImage } from '../registries.ts';
import type { TransportOptions } from '../transport/dial.ts';
import { createTransport } from '../transport/transport.ts';
import { createApi } from './api.ts';
import { buildCalls } from './build/build-calls.ts';
import { containerCalls } from './container-calls.ts';
import { fileCalls } from './file-calls.ts';
import { imageCalls } from './image-calls.ts';
import { networkCalls } from './network-calls.ts';
import { sessionCalls } from './session-calls.ts';
import { systemCalls } from './system-calls.ts';
import { volumeCalls } from './volume-calls.ts';

/** A Docker Engine behind the port. Connects at the first call. `name` is how errors call it. */
export function openDockerEngine(
  name: string,
  options: TransportOptions,
  registries: Registries = { credentials: NO_CREDENTIALS },
): Engine {
  const transport = createTransport(name, options);
  const api = createApi(transport);
  return {
    containers: containerCalls(api, (image) => resolveImage(image, registries)),
    images: imageCalls(api, registries),
    builds: buildCalls(api, registries),
    networks: networkCalls(api),
    volumes: volumeCalls(api),
    files: fileCalls(api),
    sessions: sessionCalls(api),
    system: systemCalls(api),
    close: async () => transport.close(),
  };
}
