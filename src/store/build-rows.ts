import type { WireError } from '../../contracts/contract-error.ts';
import type { BuildRequest, BuildStatus } from '../../contracts/image-methods/building.ts';
import type { Millis } from './container-row.ts';

/** What is to be built; credentials and secrets are not among it. */
export type StoredBuildRequest = Omit<BuildRequest, 'auth' | 'secrets' | 'stream' | 'tar'> & {
  /** Its context is a tar, which is kept beside. */
  readonly has_tar?: true;
};

export interface BuildRow {
  readonly id: string;
  /** With their tags. */
  readonly names: readonly string[];
  readonly request: StoredBuildRequest;
  readonly status: BuildStatus;
  /** Which try this is; 0 before the first. */
  readonly attempt: number;
  /** Somebody asked it to end. */
  readonly stopping: boolean;
  /** Whose it is; one that has ended is somebody’s until its end is told. */
  readonly worker: string | null;
  readonly token: number;
  readonly expires_at: Millis | null;
  readonly image_id: string | null;
  readonly error: WireError | null;
  readonly created_at: Millis;
  readonly started_at: Millis | null;
  readonly ended_at: Millis | null;
}

type BuildClaim = Pick<BuildRow, 'id' | 'token'>;

/** Who builds what. Every write under a claim names its token: what was taken over by somebody else is not touched. */
export interface BuildStore {
  insert(row: Pick<BuildRow, 'id' | 'names' | 'request' | 'created_at'>): void;
  get(id: string): BuildRow | undefined;
  /** Those that wait, and those whose holder is gone, oldest first; of those that have ended only the end is to be told. */
  claim(request: {
    readonly worker: string;
    readonly limit: number;
    readonly now: Millis;
    readonly lease_ms: number;
  }): readonly BuildRow[];
  /** False: it is somebody else’s now. */
  renew(claim: BuildClaim, now: Millis, lease_ms: number): boolean;
  /** It has ended, and is held until `release`. False: it is somebody else’s now. */
  finish(
    claim: BuildClaim,
    outcome: { readonly image_id?: string; readonly error?: WireError },
    now: Millis,
  ): boolean;
  /** Its end is told. */
  release(claim: BuildClaim): void;
  /** Not done, and not counted as a try: somebody else begins it. */
  giveBack(claim: BuildClaim): void;
  /** That worker is gone. */
  free(worker: string): void;
  /** Ask it to end. False when it has. */
  stop(id: string): boolean;
  /** Those of that worker that somebody asked to end. */
  stopping(worker: string): readonly string[];
  /** Ids of those that have not ended. */
  open(): readonly string[];
  purge(before: Millis): readonly string[];
}
