import type { ErrorCode } from '../../contracts/errors.ts';
import type { Status } from '../../contracts/events.ts';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../engine/labels.ts';
import type { PullProgress } from '../engine/port/image-calls.ts';
import type { Action, ActionOf, Plan } from '../plan/actions.ts';
import type { Healing } from '../plan/healing-state.ts';
import type { ObservedContainer } from '../plan/observed.ts';
import type { Repair } from '../plan/repair.ts';
import type { Replacing } from '../plan/replacement.ts';
import type { ResourceKind, SettingsOf } from '../plan/resource.ts';
import type { Accepted } from '../plan/unaccepted.ts';

/** What the engine does not show, and whoever takes over must know. */
export interface Found {
  readonly replacing: Replacing | null;
  readonly leaving: readonly string[] | null;
  readonly healing: Healing | null;
}

/** What reconciling needs of its surroundings. */
export interface Surroundings {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly signal: AbortSignal;
  /** Milliseconds by our clock. */
  readonly now: () => number;
  /** Store what was found, before what follows from it is done. False: the claim was lost. */
  readonly remember: (found: Found) => boolean;
  /** Asked before every mutating call; false ends it with `lost`. */
  readonly holds: () => boolean;
  /** Told before the first call of a phase, so that the row can say so. False: the claim was lost. */
  readonly entering: (status: Status) => boolean;
  /** One pull per image however many want it: given by the worker. */
  readonly pull: (
    wanted: { readonly image: string; readonly platform?: string | undefined },
    onProgress: (progress: PullProgress) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** The image that a container’s spec says how to build. */
  readonly build: (
    wanted: Omit<ActionOf<'build_image'>, 'type'>,
    onProgress: (progress: PullProgress) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly onProgress: (progress: PullProgress & { readonly image: string }) => void;
  /** Between create and start: whoever follows the log gets ready. `beside`: a former container that goes on running, and writing. */
  readonly beforeStart: (container: ObservedContainer, beside: string | undefined) => Promise<void>;
  /**
   * Once for each container that will be removed, after it has stopped and before anything else is started or it is removed:
   * whoever follows its log reads it to its end.
   */
  readonly beforeRemove: (engine_id: string) => Promise<void>;
  /** Names of networks of ours that no other row wants: may go with their last user. */
  readonly isNetworkWanted: (network: string) => boolean;
  /** What a network or volume of that name is declared to be made of; undefined when nothing declares it. */
  readonly settingsOf: <K extends ResourceKind>(kind: K, name: string) => SettingsOf[K] | undefined;
  /** Each action with its cause, as it is done: the log line. */
  readonly onStep: (action: Action, cause: string) => void;
  /** Each action, once it was done. */
  readonly onDone?: (action: Action) => void;
  /** What the engine said while it did what was asked: a limit that is not in force, a port that is not published. */
  readonly onWarnings: (action: Action, warnings: readonly string[]) => void;
}

/** Thrown by `pull` when another worker pulls that image already. */
export class PullElsewhere extends Error {
  override readonly name = 'PullElsewhere';
}

/** A former container is still there. */
export interface SettledReplacement {
  readonly at: Replacing;
  /** When somebody should look again, whatever happens; null: nothing is due. */
  readonly due_at: number | null;
  /** Engine id of the former one, when it still runs. */
  readonly beside: string | undefined;
}

export type Outcome =
  /** As desired. `container` is what the engine shows now; undefined when it is gone. */
  | {
      readonly kind: 'settled';
      readonly container: ObservedContainer | undefined;
      readonly started: boolean;
      readonly image_id: string | undefined;
      /** The replacement that goes on. */
      readonly replacing?: SettledReplacement;
      /** What was done about its not being well. */
      readonly healing?: Healing;
      /** How the engine shows it otherwise than it was asked for, once it was. */
      readonly accepted?: Accepted | undefined;
      /** What somebody else had changed, and was set right. */
      readonly repaired?: Repair | undefined;
    }
  /** Somebody else goes on changing it: it stays so until `desired.held_until`. */
  | { readonly kind: 'held'; readonly repair: Repair; readonly container: ObservedContainer | undefined }
  /** Not as desired; a later try may do better. `rolled_back`: a later try would fail alike, and the former container runs again instead. */
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly container: ObservedContainer | undefined;
      readonly rolled_back: boolean;
      /** Whose change will have it tried again, and who is to blame, when it failed by what it depends on. */
      readonly waits_for?: readonly string[];
      readonly culprit?: string;
    }
  /** Somebody else is doing what this needs: look again when told. */
  | Extract<Plan, { kind: 'waiting' }>
  /** The claim went to somebody else, or the process is ending: nothing may be written. */
  | { readonly kind: 'lost' };
