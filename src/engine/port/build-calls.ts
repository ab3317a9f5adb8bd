import type { RegistryAuth } from './image-calls.ts';

export interface BuildOptions {
  /** With their tags. */
  readonly names: readonly string[];
  /** A tar. Without: `remote`. */
  readonly context?: AsyncIterable<Uint8Array> | undefined;
  readonly remote?: string | undefined;
  /** The same context for builders that take the Dockerfile apart from it: a text is no file among those that a step can copy. */
  readonly apart?: { readonly context: BuildFolder; readonly dockerfile: BuildFolder } | undefined;
  /** Where the Dockerfile is in the context. */
  readonly dockerfile?: string | undefined;
  readonly build_args?: Readonly<Record<string, string>> | undefined;
  readonly target?: string | undefined;
  readonly platform?: string | undefined;
  readonly cache_from?: readonly string[] | undefined;
  readonly no_cache?: boolean | undefined;
  readonly pull?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly rm?: boolean | undefined;
  readonly force_rm?: boolean | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Memory and swap together; -1 is swap without limit. Left out: as `memory`. */
  readonly memory_swap?: number | undefined;
  readonly shm_size?: number | undefined;
  readonly cpu?: BuildCpu | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Of the steps. */
  readonly network?: 'default' | 'none' | 'host' | undefined;
  /** `name:address`, in the steps. */
  readonly extra_hosts?: readonly string[] | undefined;
  /** Left out: BuildKit where the engine has it. */
  readonly builder?: 'buildkit' | 'classic' | undefined;
  /** For `RUN --mount=type=secret`, by id. */
  readonly secrets?: Readonly<Record<string, Uint8Array>> | undefined;
  /** By the registry of a base image. */
  readonly auth?: Readonly<Record<string, RegistryAuth>> | undefined;
  /** Awaited before more is read. */
  readonly onProgress: (progress: readonly BuildProgress[]) => Promise<void>;
}

/** What is in a folder, without what is left out of it. */
export type BuildFolder = readonly FolderEntry[];

export type FolderEntry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: 'folder' }
  | { readonly kind: 'link'; readonly to: string }
  | {
      readonly kind: 'file';
      readonly size: number;
      /** Throws what its reading throws. */
      readonly read: () => AsyncIterable<Uint8Array>;
    }
);

export interface BuildCpu {
  readonly shares?: number | undefined;
  readonly set?: string | undefined;
  /** Microseconds, like the quota. */
  readonly period?: number | undefined;
  readonly quota?: number | undefined;
}

export type BuildProgress =
  | { readonly type: 'log'; readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }
  | {
      readonly type: 'step';
      readonly step: string;
      readonly name: string;
      readonly status: 'started' | 'cached' | 'done' | 'failed';
      readonly duration_ms?: number;
      readonly message?: string;
    }
  | {
      readonly type: 'progress';
      readonly image: string;
      readonly phase: string;
      readonly layer?: string;
      readonly current: number;
      readonly total: number;
    };

export interface BuildCalls {
  /**
   * Build, to the end. Throws image_build_failed for what the Dockerfile or a step does wrong; image_not_found, image_denied …
   * for a base image; unsupported for what this engine’s builder cannot; what reading the context throws.
   */
  run(options: BuildOptions, signal: AbortSignal): Promise<{ readonly image_id: string }>;
}
