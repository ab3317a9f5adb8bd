import type { Hub } from '../../bus/hub.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Identity } from '../../engine/labels.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Journal } from '../../store/journal.ts';
import type { Store } from '../../store/store.ts';
import type { Operations } from '../operations.ts';
import type { SessionParts } from '../sessions/session-parts.ts';

/** What the handlers of containers are made of. */
export interface ContainerParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly hub: Hub;
  readonly sessions: SessionParts;
  readonly clock: Clock;
  readonly operations: Operations;
  /** Somebody should look for work now. */
  readonly poke: () => void;
  /** Whether somebody works on rows in this house; without, what is wanted is only written down. */
  readonly attended: () => boolean;
  /** Whether the engine can be asked now; never throws. */
  readonly engineAnswers: () => Promise<boolean>;
}
