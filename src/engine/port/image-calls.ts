import type { ObservedImage } from '../../plan/observed.ts';

export interface PullProgress {
  /** `Downloading`, `Extracting`, … as the engine says. */
  readonly phase: string;
  readonly layer?: string;
  /** Bytes over all layers so far, and known so far. */
  readonly current: number;
  readonly total: number;
}

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

export interface PullOptions {
  readonly platform?: string;
  readonly auth?: RegistryAuth;
  /** Milliseconds without a new byte or status until image_stalled. */
  readonly stall_ms?: number;
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface ImageCalls {
  inspect(ref: string, signal?: AbortSignal): Promise<ObservedImage | undefined>;
  list(signal?: AbortSignal): Promise<readonly ObservedImage[]>;
  /** Pulled, and proven by an inspect. Throws image_not_found, image_denied, image_rate_limited, image_registry_unreachable, image_stalled, image_pull_failed, no_space. */
  pull(ref: string, options: PullOptions, signal?: AbortSignal): Promise<ObservedImage>;
  /** Make an image of one layer from a tar of a root file system. `changes` are Dockerfile lines (CMD, ENTRYPOINT, ENV …). */
  import(
    tar: AsyncIterable<Uint8Array>,
    ref: string,
    changes: readonly string[],
    signal?: AbortSignal,
  ): Promise<ObservedImage>;
  /** Give it a further name. Throws image_not_found. */
  tag(ref: string, target: string, signal?: AbortSignal): Promise<void>;
  /** Removed, or gone before. Throws wrong_state when a container uses it. */
  remove(ref: string, options: { readonly force: boolean }, signal?: AbortSignal): Promise<void>;
}
