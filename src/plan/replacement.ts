import type { ErrorCode } from '../../contracts/errors.ts';

/** How a row’s container is replaced, in seconds. */
export interface Replacement {
  /** `start_first`: the new one is up and ready before the former one stops. */
  readonly order: 'stop_first' | 'start_first';
  /** How long the former one still answers after its aliases were taken away. */
  readonly drain: number;
  /** How long the new one must have been ready, without a break, until the former one goes. */
  readonly monitor: number;
  /** How long the new one may take to be ready. */
  readonly timeout: number;
}

/** Where the former container was on one network, before its aliases there were taken away. */
export interface Cut {
  readonly network: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly mac_address?: string;
  /** It is on it again, without its aliases, or could not be. */
  readonly done: boolean;
}

/** How far a replacement is: what the engine does not show, so that whoever takes over can go on. Times in milliseconds by our clock. */
export interface Replacing {
  /** The new container; empty before it is there. */
  readonly engine_id: string;
  /** The container that is replaced, and whether it ran before: then it runs again when the new one is no good. */
  readonly former: { readonly engine_id: string; readonly ran: boolean } | null;
  /** Why the new one goes and the former one comes back. */
  readonly failed: { readonly code: ErrorCode; readonly message: string } | null;
  readonly generation: number;
  /** Its run that is watched, and when that was first seen. */
  readonly run: string | null;
  readonly since: number | null;
  /** Since when it has been ready; null: it is not. */
  readonly ready_since: number | null;
  /** It has been ready for long enough: there is no way back, the former one goes. */
  readonly proven: boolean;
  /** Once it is proven: where the former one’s aliases are taken away. */
  readonly cuts: readonly Cut[] | null;
  /** The former one has no more aliases, and answers until then. */
  readonly drain_until: number | null;
}
