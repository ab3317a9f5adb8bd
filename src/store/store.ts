import type { StreamTarget } from '../../contracts/events.ts';
import type { ProbeState } from '../plan/probes/probe-state.ts';
import type { Replacement } from '../plan/replacement.ts';
import type { BuildStore } from './build-rows.ts';
import type {
  Claim,
  ClaimedRow,
  ContainerRow,
  DesiredColumns,
  Membership,
  Millis,
  NewContainer,
  ProgressPatch,
} from './container-row.ts';
import type { GroupStore } from './group-rows.ts';
import type { ConnectionStore, Gauge, ResourceStore } from './surrounding-stores.ts';

/**
 * What Berth remembers (`berth.db`). Every write is a single statement or an immediate transaction. Throws ContractError:
 * database_busy after retries, database_failed, schema_newer when it was written by a newer Berth.
 */
export interface Store {
  readonly containers: ContainerStore;
  readonly subscriptions: SubscriptionStore;
  readonly entries: EntryFileStore;
  readonly groups: GroupStore;
  readonly pulls: PullStore;
  readonly builds: BuildStore;
  readonly resources: ResourceStore;
  readonly connections: ConnectionStore;
  /** How much waits, and what nobody saw since `stale_before`. */
  gauge(now: Millis, stale_before: Millis): Gauge;
  readonly operations: OperationStore;
  readonly inputs: InputStore;
  close(): void;
}

/** A change of mind: generation + 1, status pending, due now, failures 0; stop_timeout is null and keep_volumes false unless given. */
export interface ChangeOfMind {
  readonly spec?: Pick<
    DesiredColumns,
    'spec' | 'spec_hash' | 'recreate_hash' | 'aliases' | 'name' | 'entry_source'
  >;
  readonly desired_state?: DesiredColumns['desired_state'];
  readonly stop_timeout?: number | null;
  readonly keep_volumes?: boolean;
  /** Left out: as it was. */
  readonly restart_from?: string;
  /** How it is replaced from now on. Left out: as it was. */
  readonly replacement?: Replacement | null;
  /** Left out: as it was. */
  readonly member?: Membership;
  /** A job that has ended with 0 is to run again. */
  readonly runs_again?: true;
  /** How its last run ended stays known. */
  readonly keeps_exit_code?: true;
}

export interface ListQuery {
  readonly status?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly limit: number;
  /** Rows strictly older than this (created_at, id). */
  readonly before?: { readonly created_at: Millis; readonly id: string };
  /** Rows strictly younger than this. */
  readonly after?: { readonly created_at: Millis; readonly id: string };
  readonly exit_code?: readonly number[];
  /** As the engine last called it. */
  readonly engine_state?: readonly string[];
}

export interface ContainerStore {
  /** The row, and its subscription if one is given, in one transaction. Throws name_conflict (details: id) when a row that is not removed has the name or id. A removed row of the same id is taken over: generation, attempts, tokens and subscriptions go on. */
  insert(row: NewContainer, subscription?: StreamTarget): ContainerRow;
  get(id: string): ContainerRow | undefined;
  /** By id; else by name, among rows not removed, else among the removed (the newest). */
  find(ref: string): ContainerRow | undefined;
  byEngineId(engineId: string): ContainerRow | undefined;
  /** Those not removed whose id, or whose engine id, begins so: two at most. */
  beginningWith(prefix: string): readonly ContainerRow[];
  /** Newest first. */
  list(query: ListQuery): readonly ContainerRow[];
  /** All declared rows that are not removed. */
  declared(): readonly ContainerRow[];
  /** All rows that are not removed, whatever their origin. */
  present(): readonly ContainerRow[];
  /** One UPDATE. Undefined when there is no such row, or it is removed (`insert` takes such a one over). Throws name_conflict. */
  change(id: string, change: ChangeOfMind, now: Millis): ContainerRow | undefined;
  /** The same of several, all or none. */
  changeAll(
    changes: readonly { readonly id: string; readonly change: ChangeOfMind }[],
    now: Millis,
  ): readonly (ContainerRow | undefined)[];
  /** Another name, with the hash that has it in; no change of mind. Undefined when there is no such row, or it is removed. Throws name_conflict. */
  rename(id: string, to: Pick<DesiredColumns, 'name' | 'spec_hash'>, now: Millis): ContainerRow | undefined;
  /** Another spec that needs no other container, with its hash; no change of mind: nothing is started by it. Undefined when there is no such row, or it is removed. */
  adjust(id: string, to: Pick<DesiredColumns, 'spec' | 'spec_hash'>, now: Millis): ContainerRow | undefined;
  /** Have somebody look at them now: due_at = min(due_at, now). Returns how many changed. */
  touch(ids: readonly string[], now: Millis): number;
  /** The most overdue rows that are due and free, due and mine, or expired; not those whose live follower is another worker. One statement. */
  claim(by: {
    readonly worker: string;
    readonly limit: number;
    readonly now: Millis;
    readonly lease_ms: number;
    readonly holding?: readonly string[];
  }): readonly ClaimedRow[];
  /** Earliest due_at of the rows that this worker could claim, to know how long to sleep; undefined when there is none. */
  nextDue(by: {
    readonly worker: string;
    readonly now: Millis;
    readonly holding?: readonly string[];
  }): Millis | undefined;
  /** Renew every claim and follow lease of this worker in one UPDATE. */
  renew(worker: string, now: Millis, lease_ms: number): void;
  /**
   * False when the claim was lost or has expired. Throws ContractError internal on a status move that the table forbids.
   * After a change of mind since the claim only facts are written (engine_id, observed, attempt, completed, applied …): status, health,
   * exit_code, reason, failures, next_attempt_at and removed_at stay as the change left them.
   */
  write(claim: Claim, patch: ProgressPatch, now: Millis): boolean;
  /** Write and let go; `due_at` says when to look again. After a touch or a change of mind since the claim the row stays due now. */
  release(claim: Claim, patch: ProgressPatch, due_at: Millis | null, now: Millis): boolean;
  holds(claim: Claim, now: Millis): boolean;
  /** A dead worker's claims and follow leases: freed, tokens + 1, due now. Returns the ids. */
  free(worker: string, now: Millis): readonly string[];
  /** Take the follow lease under a claim of the row; undefined when another worker's is still good. */
  takeFollow(claim: Claim, now: Millis, lease_ms: number): { readonly token: number } | undefined;
  dropFollow(id: string, worker: string, token: number): void;
  /** Whether that follow lease is still good. */
  follows(lease: Claim, now: Millis): boolean;
  /** What the probes have shown, under the follow lease (its token, not the claim’s); with `touch` the row is due now. False when the lease was lost or has expired. */
  writeProbes(
    lease: Claim,
    state: ProbeState,
    options: { readonly touch: boolean; readonly now: Millis },
  ): boolean;
  /** Members of that group, and what goes by one of these names: ids, names, groups, or either without the number of a replica. */
  near(names: readonly string[], group: string | null): readonly ContainerRow[];
  /** Rows whose spec names another container, in these states. */
  needing(states: readonly DesiredColumns['desired_state'][]): readonly ContainerRow[];
  /** Whether a row waits for that one: what changes of it has made that due. */
  awaited(id: string): boolean;
  /** Whether any other row that is to stay mentions that network. */
  wantsNetwork(network: string, except_id: string): boolean;
  /** The engine was seen to have these as the rows say: their observed_at is now. */
  seen(ids: readonly string[], now: Millis): void;
  /** Rows that wait for that image to be pulled by somebody else: due now. */
  touchWaiting(image: string, now: Millis): void;
  /** Rows removed before `before`: deleted, with their subscriptions. Returns their ids. */
  purge(before: Millis): readonly string[];
}

export interface SubscriptionRow {
  readonly id: string;
  /** The container’s id. */
  readonly stream_id: string;
  /** '' is whoever listens to the topic. */
  readonly reply_to: string;
  readonly topic: string;
  /** Everything up to here is done with. */
  readonly acked_seq: number;
  readonly created_at: Millis;
}

export interface SubscriptionStore {
  /** The one of that container and target, made if missing. */
  ensure(container_id: string, target: StreamTarget, now: Millis, acked_seq?: number): SubscriptionRow;
  remove(
    by: { readonly id: string } | { readonly container_id: string; readonly target: StreamTarget },
  ): number;
  removeReceiver(reply_to: string): number;
  /** Never moves back. Undefined when there is no such subscription. */
  ack(container_id: string, target: StreamTarget, seq: number): SubscriptionRow | undefined;
  ofContainer(container_id: string): readonly SubscriptionRow[];
  ofTarget(reply_to: string, topic: string): readonly SubscriptionRow[];
  all(): readonly SubscriptionRow[];
}

/** A stream of events that is no container’s, and where it goes. */
export interface OperationRow {
  readonly stream_id: string;
  readonly kind: string;
  /** Who tells it; null for what outlives its teller. */
  readonly owner: string | null;
  /** '' is whoever listens to the topic. */
  readonly reply_to: string;
  readonly topic: string;
  readonly acked_seq: number;
  readonly created_at: Millis;
  readonly ended_at: Millis | null;
}

export interface OperationStore {
  insert(
    row: { readonly id: string } & Pick<OperationRow, 'kind' | 'owner' | 'reply_to' | 'topic' | 'created_at'>,
  ): void;
  /** False when it had ended before. */
  end(id: string, now: Millis): boolean;
  get(id: string): OperationRow | undefined;
  ofTarget(reply_to: string, topic: string): readonly OperationRow[];
  /** Those that have not ended. */
  open(): readonly OperationRow[];
  /** Never moves back. */
  ack(id: string, seq: number): void;
  /** Those that ended before `before`: deleted. Returns their ids. */
  purge(before: Millis): readonly string[];
}

export interface InputRow {
  readonly container_id: string;
  readonly state: 'dispatched' | 'delivered';
  readonly created_at: Millis;
}

/** Input that its sender named, so that it is written once. */
export interface InputStore {
  /** Written down before it is written, unless it is known: `delivered` before, `dispatched` and nobody knows what became of it, or `other` input of that name. What is older than `keep_ms` is forgotten. */
  dispatch(
    input: { readonly id: string; readonly container_id: string; readonly digest: string },
    now: Millis,
    keep_ms: number,
  ): 'new' | 'delivered' | 'dispatched' | 'other';
  deliver(id: string): void;
  /** What is known of it; undefined for one that is not, or not any more. */
  get(id: string): InputRow | undefined;
}

/** The last good reading of a registry file, so that a restart with a broken file removes nothing. */
export interface EntryFileRow {
  readonly path: string;
  readonly root: string;
  readonly content_hash: string;
  /** JSON as the registry room wrote it. */
  readonly entries: string;
  readonly read_at: Millis;
}

export interface EntryFileStore {
  all(): readonly EntryFileRow[];
  put(row: EntryFileRow): void;
  remove(path: string): void;
}

/** Who pulls which image now, so that each is pulled once however many workers want it. */
export interface PullStore {
  /** True when it is now this worker's to pull; false while another's hold is good. */
  acquire(image: string, worker: string, now: Millis, lease_ms: number): boolean;
  release(image: string, worker: string): void;
  /** Every hold of this worker goes on. */
  renew(worker: string, now: Millis, lease_ms: number): void;
  free(worker: string): void;
}
