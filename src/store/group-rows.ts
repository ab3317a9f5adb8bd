import type { UpdateConfig } from '../../contracts/container-fields/convergence.ts';
import type { StreamTarget } from '../../contracts/events.ts';
import type { Services } from '../plan/groups/release.ts';
import type { EndState, Progress, RolloutStep } from '../plan/groups/rollout.ts';
import type { ContainerRow, Millis, NewContainer } from './container-row.ts';

/** Containers that belong together. */
export interface GroupRow {
  readonly name: string;
  readonly network: string;
  /** The network is the group’s own. */
  readonly auto_network: boolean;
  /** Registry entries declare it. */
  readonly declared: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly update_config: UpdateConfig | null;
  /** What the registry last said of each service, as a hash: what a call has changed since stays until that is another. */
  readonly entry_hashes: Readonly<Record<string, string>>;
  readonly desired_state: 'running' | 'stopped' | 'removed';
  /** The one that is wanted. */
  readonly release: number;
  readonly created_at: Millis;
}

export interface ReleaseRow {
  readonly group_name: string;
  readonly number: number;
  readonly services: Services;
  /** Why it was made, in a word or two. */
  readonly cause: string;
  readonly created_at: Millis;
}

export type DeploymentKind = 'deploy' | 'update' | 'rollback' | 'scale' | 'registry';

/** One move of a group from a release to another. */
export interface DeploymentRow {
  readonly id: string;
  readonly group_name: string;
  readonly kind: DeploymentKind;
  readonly from_release: number;
  readonly to_release: number;
  readonly targets: readonly string[];
  /** What the call said of how; above the services’ own. */
  readonly config: UpdateConfig | null;
  readonly state: 'running' | 'rolling_back' | 'superseded' | EndState;
  readonly progress: Progress;
  readonly reason: { readonly code: string; readonly message: string } | null;
  /** Who asked for it. */
  readonly by: string;
  readonly started_at: Millis;
  readonly due_at: Millis | null;
  readonly ended_at: Millis | null;
}

/** What a new deployment is to be. */
export interface NewDeployment
  extends Pick<DeploymentRow, 'id' | 'group_name' | 'kind' | 'targets' | 'config' | 'by' | 'started_at'> {
  /** A new release of these, or one that there is. */
  readonly to: { readonly services: Services; readonly cause: string } | { readonly number: number };
  /** End one that is under way; else that is `busy`. */
  readonly supersede: boolean;
  readonly entry_hashes?: GroupRow['entry_hashes'];
  /** Services that are brought anew even when they are as they should be. */
  readonly again?: readonly string[];
}

/** All that a step of a deployment is decided on, as one moment shows it. */
export interface DeploymentState {
  readonly group: GroupRow;
  readonly deployment: DeploymentRow;
  readonly from: Services;
  readonly to: Services;
  readonly rows: readonly ContainerRow[];
}

export interface GroupStore {
  get(name: string): GroupRow | undefined;
  all(): readonly GroupRow[];
  /** Rows that are not removed, by service and number. */
  members(name: string): readonly ContainerRow[];
  /** The group with release 1, its rows and their subscriptions in one transaction, or nothing. Throws name_conflict (details: group, or id). */
  insert(
    group: Omit<GroupRow, 'release' | 'desired_state'>,
    release: { readonly services: Services; readonly cause: string },
    subscription?: StreamTarget,
  ): readonly ContainerRow[];
  /** The same of rows that are given: containers that are there. */
  adopt(
    group: Omit<GroupRow, 'release' | 'desired_state'>,
    release: { readonly services: Services; readonly cause: string },
    rows: readonly NewContainer[],
  ): void;
  /** What is beside its releases. */
  set(
    name: string,
    patch: Partial<Pick<GroupRow, 'labels' | 'update_config' | 'entry_hashes' | 'desired_state'>>,
  ): void;
  /**
   * Its members are wanted removed, in one transaction, and what is under way ends; members that are gone are left out. The group stays
   * until all are, so that asking again answers with what is left. Undefined when there is no such group.
   */
  takeDown(
    name: string,
    how: { readonly stop_timeout?: number | undefined; readonly keep_volumes?: boolean | undefined },
    now: Millis,
  ): { readonly group: GroupRow; readonly rows: readonly ContainerRow[] } | undefined;
  /** The group is no more, if it is to go and all of its members are gone. Null: each such group that no entries declare. `insert` does so too. */
  forgetEnded(name: string | null): void;
  release(name: string, number: number): ReleaseRow | undefined;
  /** Newest first. */
  releases(name: string): readonly ReleaseRow[];
  /** Throws busy (details: deployment, by, since), not_found when there is no such group or release. */
  deploy(deployment: NewDeployment): DeploymentRow;
  deployment(id: string): DeploymentRow | undefined;
  /** Newest first. */
  deployments(name: string, limit: number): readonly DeploymentRow[];
  /** Those under way. */
  active(): readonly DeploymentRow[];
  /** One step: what is decided on a moment’s state is written in the same moment. Undefined when it is not under way. */
  step(
    id: string,
    decide: (state: DeploymentState) => RolloutStep,
    now: Millis,
  ): { readonly deployment: DeploymentRow; readonly changed: readonly string[] } | undefined;
}
