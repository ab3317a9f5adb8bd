import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../engine/labels.ts';
import type { KeptSpec } from '../engine/sealed-spec.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import type { NewContainer } from '../store/container-row.ts';
import type { Store } from '../store/store.ts';

export interface Adopting {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly store: Store;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** One that can be adopted. */
export interface Found {
  readonly row: NewContainer;
  readonly kept: KeptSpec;
  readonly seen: ObservedContainer;
}

/** Says that something is not adopted, or not whole, and why. */
export type Leave = (name: string, why: string) => void;

export interface AdoptReport {
  readonly adopted: readonly { readonly id: string; readonly name: string }[];
  /** With release 1, made of what their members are now. */
  readonly groups: readonly { readonly name: string; readonly members: readonly string[] }[];
  /** Networks that calls had made, and that stay. */
  readonly networks: readonly string[];
  /** Networks of ours that containers are on besides those of their specs. */
  readonly joins: readonly { readonly name: string; readonly network: string }[];
  /** Ours by their labels, but not to be adopted, or not whole, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}
