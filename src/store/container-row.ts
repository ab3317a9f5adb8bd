import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Health, Status, StatusReason } from '../../contracts/events.ts';
import type { DesiredState } from '../plan/desired.ts';
import type { Healing } from '../plan/healing-state.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import type { ProbeState } from '../plan/probes/probe-state.ts';
import type { Repairs } from '../plan/repair.ts';
import type { Replacement, Replacing } from '../plan/replacement.ts';
import type { Accepted } from '../plan/unaccepted.ts';

/** Times are milliseconds since 1970, by our own clock. */
export type Millis = number;

/** What is wanted. Written by handlers and by the supervisor, in one UPDATE a change of mind. */
export interface DesiredColumns {
  readonly id: string;
  readonly name: string;
  /** The registry entry's file, for declared ones. */
  readonly entry_source: string | null;
  readonly declared: boolean;
  readonly aliases: readonly string[];
  readonly spec: ContainerSpec;
  readonly spec_hash: string;
  readonly recreate_hash: string;
  readonly desired_state: DesiredState;
  /** Seconds, when a `delete` or `stop` said so. */
  readonly stop_timeout: number | null;
  /** Wanted removed, but not its anonymous volumes. */
  readonly keep_volumes: boolean;
  /** Start of the run that a `restart` is to end, as the engine timed it: a run begun later is another one. Harmless once it is over. */
  readonly restart_from: string | null;
  /** How its next replacement is done; null: the former one goes as soon as the new one has started. */
  readonly replacement: Replacement | null;
  readonly generation: number;
  readonly created_at: Millis;
  /** Its group, and what it is there; null for one on its own. */
  readonly group_name: string | null;
  readonly service: string | null;
  /** Null: the only one of its service. */
  readonly replica: number | null;
  /** The release of its group that it was last brought to. */
  readonly release: number | null;
}

/** What makes a row a member of a group. */
export type Membership = Pick<DesiredColumns, 'group_name' | 'service' | 'replica' | 'release'>;

/** A row before its insert. */
export type NewContainer = Omit<
  DesiredColumns,
  'generation' | 'restart_from' | 'keep_volumes' | 'replacement' | keyof Membership
> &
  Partial<Membership>;

export const NO_GROUP: Membership = { group_name: null, service: null, replica: null, release: null };

/** How far it is, and what was last seen. Written only under a claim. */
export interface ProgressColumns {
  readonly status: Status;
  /** The worst of what the engine’s health check and our own probes say. */
  readonly health: Health;
  /** While it runs: it can be used, by its health check and its probes. */
  readonly ready: boolean;
  /** What our probes have shown of the run that was last looked at. Written by who follows it, under the follow lease. */
  readonly probe_state: ProbeState | null;
  readonly exit_code: number | null;
  readonly reason: StatusReason | null;
  /** Starts so far, over all generations. */
  readonly attempt: number;
  /** The start that was last about to be made, and when that container had begun before it (null: never). */
  readonly begun: {
    readonly generation: number;
    readonly engine_id: string;
    readonly started_at: string | null;
  } | null;
  /** How far the replacement is that goes on; null: none does, or the new one is not there yet. */
  readonly replacing: Replacing | null;
  /** Anonymous volumes that are to go after its container. */
  readonly leaving: readonly string[] | null;
  /** What was done about its not being well: see `on_unhealthy`. */
  readonly healing: Healing | null;
  /** How the engine shows its container otherwise than it was asked for. */
  readonly accepted: Accepted | null;
  /** How often what somebody else changed was set right, and when last. */
  readonly repairs: Repairs | null;
  /** Failed tries in a row of this generation; the backoff counts them. */
  readonly failures: number;
  readonly next_attempt_at: Millis | null;
  /** True once the stream of its last run was ended with `done`. */
  readonly completed: boolean;
  /** Ids of rows, or names, that it waits for: a change of one of them makes it due. */
  readonly waits_for: readonly string[] | null;
  readonly waits_since: Millis | null;
  /** The spec_hash with which an init or a job has ended with 0. */
  readonly completed_hash: string | null;
  readonly engine_id: string | null;
  readonly image_id: string | null;
  /** spec_hash that the engine was last brought to. */
  readonly applied_hash: string | null;
  readonly applied_generation: number;
  readonly observed: ObservedContainer | null;
  readonly observed_at: Millis | null;
  readonly removed_at: Millis | null;
}

/** A worker's hold. `due_at` null: nobody needs to look. */
export interface ClaimColumns {
  readonly due_at: Millis | null;
  readonly claimed_by: string | null;
  readonly claim_token: number;
  readonly claim_expires_at: Millis | null;
  /** Who follows its log and events: a lease of its own. Claims of the row go to its follower while that lives. */
  readonly follower: string | null;
  readonly follow_token: number;
  readonly follow_expires_at: Millis | null;
}

export interface ContainerRow extends DesiredColumns, ProgressColumns, ClaimColumns {
  readonly updated_at: Millis;
}

/** Proof of a hold: every write under it names both. */
export interface Claim {
  readonly id: string;
  readonly worker: string;
  readonly token: number;
}

export interface ClaimedRow {
  readonly row: ContainerRow;
  readonly claim: Claim;
}

export type ProgressPatch = Partial<ProgressColumns>;
