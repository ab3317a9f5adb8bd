import type { BuildCalls } from './port/build-calls.ts';
import type { ContainerCalls } from './port/container-calls.ts';
import type { FileCalls } from './port/file-calls.ts';
import type { ImageCalls } from './port/image-calls.ts';
import type { NetworkCalls } from './port/network-calls.ts';
import type { SessionCalls } from './port/session-calls.ts';
import type { SystemCalls } from './port/system-calls.ts';
import type { VolumeCalls } from './port/volume-calls.ts';

/**
 * The port: a container engine in our words. Every call has a deadline, settles when the connection breaks, and throws
 * only ContractError (engine_unreachable, engine_timeout, engine_denied, engine_refused, engine_failed, no_space, and those
 * named below). Calls are idempotent where they can be: what is already so is success. Ids and names are checked before
 * they reach a path.
 */
export interface Engine {
  readonly containers: ContainerCalls;
  readonly images: ImageCalls;
  readonly builds: BuildCalls;
  readonly networks: NetworkCalls;
  readonly volumes: VolumeCalls;
  readonly files: FileCalls;
  readonly sessions: SessionCalls;
  readonly system: SystemCalls;
  /** End every open stream and socket. */
  close(): Promise<void>;
}
