import type { ContainerBuild } from '../../contracts/container-fields/build-source.ts';
import type { PutFile } from '../../contracts/container-fields/storage.ts';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Member } from './desired.ts';
import type { WantedAttachment } from './mentioned.ts';

/** What `update_container` may change without a recreate. A left-out limit means none. */
export interface Limits {
  readonly memory_limit?: number;
  /** Memory and swap together; -1 is swap without limit. */
  readonly memory_swap?: number;
  readonly memory_reservation?: number;
  readonly cpu_limit?: number;
  readonly cpu_shares?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpuset_cpus?: string;
  readonly cpuset_mems?: string;
  readonly blkio_weight?: number;
  readonly pids_limit?: number;
  readonly restart_policy: string;
}

/** Every action: one engine call each. The map is the type; the executor in `reconcile/apply.ts` is exhaustive over it. */
export interface ActionMap {
  readonly pull_image: { readonly image: string; readonly platform?: string };
  readonly build_image: {
    readonly image: string;
    readonly platform?: string;
    readonly build: ContainerBuild;
  };
  readonly create_network: { readonly network: string };
  readonly create_volume: { readonly volume: string };
  readonly create_container: {
    readonly name: string;
    readonly spec: ContainerSpec;
    readonly restart_policy: string;
    readonly recreate_hash: string;
    readonly aliases: readonly string[];
    /** Its place in a group, which it is labelled with. */
    readonly member?: Member;
    /** Anonymous volumes of the container that it replaces, by path inside: kept on a recreate. */
    readonly keep_volumes: Readonly<Record<string, string>>;
  };
  readonly put_files: { readonly name: string; readonly files: readonly PutFile[] };
  /** The volume that it has mounted there gets this owner, and these permissions. */
  readonly prepare_volume: {
    readonly name: string;
    readonly path: string;
    readonly owner?: string;
    readonly permissions?: string;
    /** Nothing may be written through it, since it is read-only: a container of this, which never runs, stands in. */
    readonly through?: ContainerSpec;
  };
  readonly start_container: { readonly name: string };
  readonly stop_container: {
    readonly name: string;
    readonly engine_id: string;
    readonly timeout?: number;
    /** Another one of the row runs: that is what the row goes on showing. */
    readonly quiet?: true;
  };
  readonly rename_container: { readonly name: string; readonly engine_id: string; readonly to: string };
  readonly remove_container: {
    readonly name: string;
    readonly engine_id: string;
    readonly anonymous_volumes: boolean;
  };
  readonly update_container: { readonly name: string; readonly engine_id: string; readonly limits: Limits };
  readonly connect_network: {
    readonly name: string;
    readonly engine_id: string;
  } & WantedAttachment;
  readonly disconnect_network: {
    readonly name: string;
    readonly engine_id: string;
    readonly network: string;
  };
  readonly remove_network: { readonly network: string };
  readonly remove_volume: { readonly volume: string };
}

export type ActionType = keyof ActionMap;
export type ActionOf<T extends ActionType> = ActionMap[T] & { readonly type: T };
export type Action = { readonly [T in ActionType]: ActionOf<T> }[ActionType];

/** One action and why. */
export interface Step {
  readonly action: Action;
  readonly cause: string;
}

/** One that makes an image be there, and touches no container. */
export type AheadAction = ActionOf<'pull_image'> | ActionOf<'build_image'>;
export type AheadStep = Step & { readonly action: AheadAction };

/** What the planner answers: steps in order (none: all is as desired), or why nothing may be done. */
export type Plan =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  /** Nothing yet: something else that it needs is on its way. */
  | {
      readonly kind: 'waiting';
      readonly message: string;
      /** Ids of the rows, or names, whose change it waits for; left out: it is looked at again after a while. */
      readonly waits_for?: readonly string[];
      /** When its patience ends, in milliseconds. */
      readonly until?: number;
      /** What may be done meanwhile: its image is brought, so that it starts at once when it may. */
      readonly ahead?: AheadStep;
    }
  | {
      readonly kind: 'refused';
      readonly code: 'dependency_failed' | 'name_conflict' | 'not_found' | 'not_ours' | 'unsupported';
      readonly message: string;
      /** As for `waiting`: tried again when one of these changes. */
      readonly waits_for?: readonly string[];
      /** Id of the row that is to blame. */
      readonly culprit?: string;
    };
