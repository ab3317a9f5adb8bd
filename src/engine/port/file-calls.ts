/** What lies at a path inside a container. */
export interface FileStat {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Bytes. */
  readonly size: number;
  /** Permissions, with setuid, setgid and sticky: up to 0o7777. */
  readonly mode: number;
  /** RFC 3339. */
  readonly modified_at: string;
  /** Where a symlink leads, inside the container. */
  readonly link_target?: string;
}

export interface FileChange {
  readonly path: string;
  readonly kind: 'modified' | 'added' | 'deleted';
}

export interface CommitOptions {
  /** Repository and tag; left out: an image without a name. */
  readonly image?: string;
  readonly author?: string;
  readonly comment?: string;
  /** Freeze it meanwhile. */
  readonly pause: boolean;
  /** Lines of a Dockerfile: CMD, ENV, LABEL … */
  readonly changes: readonly string[];
}

/** Files of containers, running or not. A tar is read as it comes: what is not read is not fetched. */
export interface FileCalls {
  /** What differs from its image. Throws not_found. */
  changes(ref: string, signal?: AbortSignal): Promise<readonly FileChange[]>;
  /** Throws not_found when there is no such container, or nothing at that path. A symlink is looked at itself. */
  stat(ref: string, path: string, signal?: AbortSignal): Promise<FileStat>;
  /** What lies there as a tar, its own name first. Throws not_found. */
  read(
    ref: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly stat: FileStat; readonly tar: AsyncIterable<Uint8Array> }>;
  /** Unpack a tar (plain, gzip, bzip2 or xz) into a folder. Throws not_found (container or folder), engine_refused (no folder, nothing may be written there, no tar). */
  write(
    ref: string,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options: {
      /** Refuse to put a file in place of a folder, or the other way round. */
      readonly keep_types: boolean;
      /** Keep the tar’s owners. */
      readonly keep_owners: boolean;
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** Its whole file system as a tar, without volumes. Throws not_found. */
  export(ref: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** Make an image of what it is now; answers the image’s id. Throws not_found. */
  commit(ref: string, options: CommitOptions, signal?: AbortSignal): Promise<string>;
}
