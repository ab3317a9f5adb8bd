import type { UpdateConfig } from '../../../contracts/container-fields/convergence.ts';
import type { Services, Slot } from './release.ts';

/** How the members of one service are replaced, nothing left out. Times are seconds. */
export interface RolloutConfig {
  readonly strategy: 'recreate' | 'rolling';
  readonly order: 'stop_first' | 'start_first';
  /** 0 is all at once. */
  readonly parallelism: number;
  readonly delay: number;
  readonly monitor: number;
  readonly timeout: number;
  readonly drain: number;
  readonly max_failure_ratio: number;
  readonly failure_action: 'rollback' | 'pause' | 'continue';
}

/** What is left out of an `update_config`. */
export const ROLLOUT_DEFAULTS: RolloutConfig = {
  strategy: 'rolling',
  order: 'stop_first',
  parallelism: 1,
  delay: 0,
  monitor: 2,
  timeout: 300,
  drain: 5,
  max_failure_ratio: 0,
  failure_action: 'rollback',
};

/** The call’s word goes before the service’s, and that before the group’s. */
export function rolloutConfig(...given: readonly (UpdateConfig | null | undefined)[]): RolloutConfig {
  const said = given.toReversed().flatMap((one) => Object.entries(one ?? {}));
  return { ...ROLLOUT_DEFAULTS, ...Object.fromEntries(said.filter(([, value]) => value !== undefined)) };
}

/** What a rollout knows of a member’s row. Times are milliseconds. */
export interface MemberRow {
  readonly id: string;
  readonly service: string;
  readonly replica: number | null;
  readonly release: number | null;
  readonly spec_hash: string;
  readonly generation: number;
  readonly applied_generation: number;
  readonly desired_state: 'running' | 'created' | 'stopped' | 'removed';
  readonly status: string;
  /** Runs, and is well by all that is asked of it. */
  readonly ready: boolean;
  readonly exit_code: number | null;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly failures: number;
  readonly next_attempt_at: number | null;
  readonly restart_count: number;
  readonly runs_once: boolean;
}

/** One member that was moved, and what became of it. */
export interface Moved {
  readonly at: number;
  readonly generation: number;
  /** Made by this deployment: nothing was there before. */
  readonly made: boolean;
  readonly ready_since?: number | undefined;
  readonly outcome?: 'proven' | 'failed' | undefined;
  readonly message?: string | undefined;
}

/** Where a deployment is: stored with it, so that whoever goes on knows. */
export interface Progress {
  readonly direction: 'forward' | 'back';
  /** By slot. */
  readonly moved: Readonly<Record<string, Moved>>;
  /** When the last batch of a service was done. */
  readonly rested: Readonly<Record<string, number>>;
  /** Members that go, and since when. */
  readonly leaving: Readonly<Record<string, number>>;
  /** Services that are brought anew even when they are as they should be: their image has moved, or somebody asked for it. */
  readonly again: readonly string[];
}

/** Where a deployment begins. */
export function beginning(again: readonly string[]): Progress {
  return { direction: 'forward', moved: {}, rested: {}, leaving: {}, again };
}

export interface RolloutInput {
  readonly from: { readonly number: number; readonly services: Services };
  readonly to: { readonly number: number; readonly services: Services };
  /** Services that change; the others only learn the release’s number. */
  readonly targets: ReadonlySet<string>;
  readonly config: (service: string) => RolloutConfig;
  readonly progress: Progress;
  readonly rows: readonly MemberRow[];
  readonly now: number;
}

/** What a step does to rows. */
export type RolloutChange =
  | { readonly type: 'insert'; readonly slot: Slot; readonly release: number }
  | {
      readonly type: 'replace';
      readonly id: string;
      readonly slot: Slot;
      readonly release: number;
      readonly config: RolloutConfig;
    }
  /** As it should be already. */
  | { readonly type: 'adopt'; readonly id: string; readonly release: number }
  | { readonly type: 'remove'; readonly id: string };

export type EndState = 'succeeded' | 'failed' | 'rolled_back' | 'paused';

export interface RolloutStep {
  readonly changes: readonly RolloutChange[];
  readonly progress: Progress;
  /** Undefined while it goes on. */
  readonly end?: { readonly state: EndState } | undefined;
  readonly reason?: { readonly code: string; readonly message: string } | undefined;
  /** When to look again, if nothing happens before. */
  readonly due_at: number | null;
}
