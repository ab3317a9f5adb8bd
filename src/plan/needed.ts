import type { Dependency } from '../../contracts/container-fields/convergence.ts';
import type { Health, Status, StatusReason } from '../../contracts/events.ts';

/** Another container that this one needs, as its row shows it. Without `row`: there is none of that name. */
export interface Needed {
  /** Its name; as it was called when there is none. */
  readonly name: string;
  readonly dependency: Dependency;
  readonly row?: {
    readonly id: string;
    readonly wanted: 'running' | 'created' | 'stopped' | 'removed';
    readonly status: Status;
    readonly health: Health;
    readonly ready: boolean;
    readonly exit_code: number | null;
    readonly reason: StatusReason | null;
    /** It has ended with 0 by what is wanted of it now. */
    readonly completed: boolean;
    /** Nothing will be tried again of itself. */
    readonly final: boolean;
  };
}

/** What a row’s gates are decided on. Times are milliseconds. */
export interface Dependencies {
  readonly needs: readonly Needed[];
  /** Those that need this one, are to stop or go, too, and are still up. */
  readonly dependents: readonly { readonly id: string; readonly name: string }[];
  /** Since when it waits; left out: it does not yet. */
  readonly waits_since?: number;
  readonly now: number;
}
