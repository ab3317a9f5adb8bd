import type { Engine } from '../../engine/engine.ts';
import type { Identity } from '../../engine/labels.ts';
import type { Store } from '../../store/store.ts';
import type { ResourceRow } from '../../store/surrounding-stores.ts';

/** How one kind of resource is made and let go. Both throw what the engine’s port throws, and are tried again until they succeed. */
export interface ResourceWork {
  /** Make it so, or see that it is. Throws name_conflict when what has the name is another one that may not be replaced. */
  ensure(row: ResourceRow, signal: AbortSignal): Promise<void>;
  /** Its entry is gone: remove what should go with it. False: something needs it still; asked again later. */
  release(row: ResourceRow, signal: AbortSignal): Promise<boolean>;
}

export interface ResourceWorkParts {
  readonly engine: Engine;
  readonly identity: Identity;
  readonly store: Store;
}
