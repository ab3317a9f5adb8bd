import type { ErrorCode } from '../../contracts/errors.ts';
import type { Connection } from '../plan/mentioned.ts';
import type { ResourceKind, ResourceSettings, SettingsOf } from '../plan/resource.ts';
import type { Millis } from './container-row.ts';

/** A network or volume that an entry declares, or a network that a call asked to be kept. */
export interface ResourceRow {
  /** The entry’s id; of what a call made, `made:` and its kind and name. */
  readonly id: string;
  readonly kind: ResourceKind;
  /** Its name on the engine. */
  readonly name: string;
  readonly settings: ResourceSettings;
  /** File that declared it; null when a call made it. */
  readonly entry_source: string | null;
  /** False: its entry is gone, and it goes once it can. */
  readonly wanted: boolean;
  readonly status: 'pending' | 'ready' | 'failed';
  readonly reason: { readonly code: ErrorCode; readonly message: string } | null;
  readonly updated_at: Millis;
}

export interface ResourceStore {
  all(): readonly ResourceRow[];
  /** Those that entries declare or declared. */
  declared(): readonly ResourceRow[];
  get(id: string): ResourceRow | undefined;
  /** The wanted one of that kind and name, whoever wants it. */
  wanted(kind: ResourceKind, name: string): ResourceRow | undefined;
  /** What the wanted one of that kind and name is declared to be made of. */
  settings<K extends ResourceKind>(kind: K, name: string): SettingsOf[K] | undefined;
  /** Wanted, and pending when it is new or other than before. */
  put(row: Pick<ResourceRow, 'id' | 'kind' | 'name' | 'settings' | 'entry_source'>, now: Millis): void;
  /** No longer wanted, and pending. */
  release(id: string, now: Millis): void;
  /** What came of it. False when it was changed since `updated_at`: what is reported is of before. */
  report(seen: ResourceRow, outcome: Pick<ResourceRow, 'status' | 'reason'>): boolean;
  remove(id: string): void;
}

/** What is to be done, and is not. */
export interface Gauge {
  readonly queue: {
    readonly due: number;
    /** How long the most overdue one waits; 0 when none does. */
    readonly oldest_due_ms: number;
    readonly claimed: number;
    readonly retrying: number;
    readonly failed: number;
    readonly total: number;
  };
  readonly stale: number;
  readonly operations: number;
  /** Declared ones. */
  readonly resources: { readonly pending: number; readonly failed: number };
}

/** Networks that calls had containers join. */
export interface ConnectionStore {
  of(container_id: string): readonly Connection[];
  put(container_id: string, connection: Connection): void;
  remove(container_id: string, network: string): void;
  /** The network is gone. */
  forget(network: string): void;
  /** Whether a container that is to stay was told to join it, any other than that one. */
  wants(network: string, except_id: string): boolean;
}
