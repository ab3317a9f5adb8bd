import type { ContainerParts } from '../containers/parts.ts';

/** What the handlers of groups are made of. */
export interface GroupParts extends ContainerParts {
  /** The engine’s machine, as this one reaches what is published there. */
  readonly engine_host: string;
}
