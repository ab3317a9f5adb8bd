import type { ImageDetails, ImageHistoryEntry } from '../../../contracts/image-methods/image-view.ts';
import type { ObservedImage } from '../../plan/observed.ts';

export interface PullProgress {
  /** `Downloading`, `Extracting`, … as the engine says. */
  readonly phase: string;
  readonly layer?: string;
  /** Bytes over all layers so far, and known so far. */
  readonly current: number;
  readonly total: number;
  /** Bytes a second over the last seconds. */
  readonly rate?: number;
  /** Bytes of that layer alone, in its phase. */
  readonly in_layer?: { readonly current: number; readonly total: number };
}

/** Who somebody is to a registry: a name and a password, or a token of one kind. */
export interface RegistryAuth {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identity_token?: string | undefined;
  readonly registry_token?: string | undefined;
}

export interface PullOptions {
  readonly platform?: string | undefined;
  /** Left out: what the configuration knows of that registry. */
  readonly auth?: RegistryAuth | undefined;
  /** Milliseconds without a new byte or status until image_stalled. */
  readonly stall_ms?: number | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

export type PushOptions = Omit<PullOptions, 'platform'>;

/** Left out: all but the layers in between. */
export interface ImageFilter {
  readonly all?: boolean | undefined;
  /** Patterns of names; any of them. */
  readonly reference?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly dangling?: boolean | undefined;
  readonly before?: string | undefined;
  readonly since?: string | undefined;
}

export interface ImportOptions {
  /** Dockerfile lines: CMD, ENTRYPOINT, ENV … */
  readonly changes?: readonly string[] | undefined;
  readonly message?: string | undefined;
  readonly platform?: string | undefined;
}

export interface ImageSearch {
  readonly term: string;
  readonly limit?: number | undefined;
  readonly stars?: number | undefined;
  readonly official?: boolean | undefined;
  readonly auth?: RegistryAuth | undefined;
}

export interface FoundImage {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
}

export interface RemovedImage {
  /** False: it was gone before. */
  readonly removed: boolean;
  readonly untagged: readonly string[];
  readonly deleted: readonly string[];
}

export interface ImageCalls {
  inspect(ref: string, signal?: AbortSignal): Promise<ObservedImage | undefined>;
  details(ref: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
  /** Newest layer first. Throws image_not_found. */
  history(ref: string, signal?: AbortSignal): Promise<ImageHistoryEntry[]>;
  /** Newest first. Throws image_not_found for a `before` or `since` that is not there. */
  list(filter?: ImageFilter, signal?: AbortSignal): Promise<readonly ObservedImage[]>;
  /** Pulled, and proven by an inspect. Throws image_not_found, image_denied, image_rate_limited, image_registry_unreachable, image_stalled, image_pull_failed, no_space. */
  pull(ref: string, options: PullOptions, signal?: AbortSignal): Promise<ObservedImage>;
  /** What its registry has under that name now; nothing is pulled. Throws image_not_found, image_denied, image_rate_limited, image_registry_unreachable. */
  remote(ref: string, signal?: AbortSignal): Promise<{ readonly digest: string }>;
  /** Sent to the registry of its name; answers its digest there. Throws image_not_found, what a pull throws, and image_push_failed. */
  push(
    ref: string,
    options: PushOptions,
    signal?: AbortSignal,
  ): Promise<{ readonly digest: string; readonly size: number }>;
  /** Throws image_denied, image_rate_limited, image_registry_unreachable. */
  search(query: ImageSearch, signal?: AbortSignal): Promise<FoundImage[]>;
  /** See whether the registry (left out: Docker Hub) takes these; some answer with a token to use from then on. Throws image_denied, image_registry_unreachable. */
  login(
    registry: string | undefined,
    auth: RegistryAuth,
    signal?: AbortSignal,
  ): Promise<{ readonly identity_token?: string }>;
  /** Images and their layers as one tar, which `load` takes. Throws image_not_found before the first byte. */
  save(refs: readonly string[], signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Take in what `save` made; answers the names, or ids where there are none. Throws invalid_input, engine_refused, no_space. */
  load(tar: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<readonly string[]>;
  /** Make an image of one layer from a tar of a root file system. */
  import(
    tar: AsyncIterable<Uint8Array>,
    ref: string,
    options: ImportOptions,
    signal?: AbortSignal,
  ): Promise<ObservedImage>;
  /** The same, of a tar that the engine fetches. Throws engine_refused with the engine’s words when it cannot. */
  importRemote(
    url: string,
    ref: string,
    options: ImportOptions,
    signal?: AbortSignal,
  ): Promise<ObservedImage>;
  /** Give it a further name. Throws image_not_found. */
  tag(ref: string, target: string, signal?: AbortSignal): Promise<void>;
  /** Removed, or gone before. Throws wrong_state when a container uses it. */
  remove(
    ref: string,
    options: { readonly force: boolean; readonly keep_parents?: boolean },
    signal?: AbortSignal,
  ): Promise<RemovedImage>;
}
