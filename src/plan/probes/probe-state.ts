/** In the order in which they are asked. */
export const PROBE_KINDS = ['startup', 'ready', 'live'] as const;
export type ProbeKind = (typeof PROBE_KINDS)[number];

/** What one look has shown. */
export interface Look {
  readonly ok: boolean;
  /** What it said, or why it failed: 4 KiB at most. */
  readonly output: string;
  /** When it began: milliseconds by our clock. */
  readonly at: number;
}

export interface ProbeRecord {
  /** The settings that it was looked at by, so that other ones begin anew. */
  readonly of: string;
  /** `pending`: not yet so many looks in a row that it could be said. */
  readonly verdict: 'pending' | 'good' | 'failed';
  /** Looks in a row that went like the last one. */
  readonly streak: number;
  readonly last: Look | null;
}

/** What the probes of one run of one container have shown so far. Another run, or another container, begins anew. */
export interface ProbeState {
  readonly engine_id: string;
  /** As the engine times it. */
  readonly started_at: string;
  /** When we first saw that run: milliseconds by our clock. `delay` counts from it. */
  readonly since: number;
  readonly records: { readonly [K in ProbeKind]?: ProbeRecord };
}
