import type { UpdateConfig } from '../../contracts/container-fields/convergence.ts';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Healing } from './healing-state.ts';
import type { Connection } from './mentioned.ts';
import type { Dependencies } from './needed.ts';
import type { ProbeState } from './probes/probe-state.ts';
import type { Replacement, Replacing } from './replacement.ts';
import type { Accepted } from './unaccepted.ts';

export const DESIRED_STATES = ['running', 'created', 'stopped', 'removed'] as const;
/** `created`: made but not started (`create` with `start: false`). */
export type DesiredState = (typeof DESIRED_STATES)[number];

/** A container’s place in a group. */
export interface Member {
  readonly group: string;
  readonly service: string;
  /** Null: the only one of its service. */
  readonly replica: number | null;
  /** How its service was updated when the container was made. */
  readonly update_config?: UpdateConfig | undefined;
}

/** What one row wants, with all that the planner needs and nothing that changes while it thinks. */
export interface Desired {
  readonly id: string;
  readonly name: string;
  readonly state: DesiredState;
  readonly spec: ContainerSpec;
  /** Declared entries default to `on-failure`, made ones to `no`. */
  readonly declared: boolean;
  readonly generation: number;
  /** Hash of what needs a recreate: `recreateHash(spec, …)`. */
  readonly recreate_hash: string;
  /** Hash of all of it: `specHash(spec, …)`. */
  readonly spec_hash: string;
  /** Its place in a group, if it has one. */
  readonly member?: Member;
  /** Network aliases: the entry's short name, the container's name. */
  readonly aliases: readonly string[];
  /** True once this generation was brought to run: an end that its policy allows is then a result, and is not started again. */
  readonly started: boolean;
  /** The start of this generation that was last about to be made; it was made when that container has begun anew since. */
  readonly begun?: { readonly engine_id: string; readonly started_at: string | null };
  /** True when this generation's replacement could not start and the former container came back: it is left alone until the next change of mind. */
  readonly held_back: boolean;
  /** A run that began then, or before, is to end, and another one to begin: `restart`. As the engine timed it. */
  readonly restart_from?: string;
  /** The engine was brought to all of this spec once: a limit that it shows otherwise is one that its kernel cannot keep. */
  readonly applied?: boolean;
  /** An init or a job that has ended with 0 by this very spec: it is not run again. */
  readonly completed?: boolean;
  /** Whom it needs, and who needs it, as their rows are. */
  readonly dependencies?: Dependencies;
  /** How its engine shows otherwise what it was asked for, of the container that was last made or updated. */
  readonly accepted?: Accepted;
  /** This generation was brought about once: what differs now was changed by somebody else, or ended by itself. */
  readonly reached?: boolean;
  /** Until then nothing that somebody else changed is set right again; RFC 3339. */
  readonly held_until?: string;
  /** Networks that calls had it join. */
  readonly connections?: readonly Connection[];
  /** The image that it was brought to, by id, while nothing else is to be heeded: not what its name means by now. */
  readonly image_id?: string;
  /** Seconds to stop before it is killed, when the caller said so. */
  readonly stop_timeout?: number;
  /** How it is replaced; left out: the former one goes as soon as the new one has started. */
  readonly replacement?: Replacement;
  /** How far the replacement is that was under way when this was last looked at. */
  readonly replacing?: Replacing;
  /** Anonymous volumes that a removal has yet to take along, seen while their container was there. */
  readonly leaving?: readonly string[];
  /** What its probes have shown. */
  readonly probe_state?: ProbeState;
  /** What was done so far about its not being well. */
  readonly healing?: Healing;
  /** Why it is restarted, when nobody asked for it. */
  readonly restart_cause?: string;
  /** Wanted removed, but not its anonymous volumes. */
  readonly keep_volumes?: boolean;
}
