/** Restarts of a container that was not well, so that they become rarer. Times in milliseconds by our clock. */
export interface Healing {
  /** In a row. */
  readonly restarts: number;
  readonly last_at: number;
  /** Not before. */
  readonly next_at: number;
  /** It was stopped for it instead, and stays so until somebody starts it. */
  readonly stopped?: true;
}
