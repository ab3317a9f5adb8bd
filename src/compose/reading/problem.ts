import type { Place } from './places.ts';

/** How bad it is: `error` stops a run; `warning` is something that Compose would do otherwise; `note` is left out without harm. */
export type Level = 'error' | 'warning' | 'note';

/** One thing of a Compose file that cannot be taken as it stands. */
export interface ComposeProblem {
  readonly level: Level;
  /** `services.web`, `networks.front`; empty for the file as a whole. */
  readonly part: string;
  /** Such as `deploy.placement`; empty for the part as a whole. */
  readonly key: string;
  /** What is wrong, on one line. */
  readonly message: string;
  /** What to do instead. */
  readonly instead?: string;
  readonly place: Place;
}
