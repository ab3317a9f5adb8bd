import type { DiskItem, EngineInfo, EngineVersion } from '../../../contracts/system-info.ts';

/** What the engine tells as it happens. */
export interface EngineEvent {
  readonly type: string;
  /** `start`, `die`, `health_status: healthy` … as the engine spells it. */
  readonly action: string;
  /** Engine id of what it is about; for containers and networks also the name. */
  readonly id: string;
  readonly name?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly ts: string;
}

/** Which events; of each kind any of the words, of labels all. Left out: all of them, from now on, for ever. */
export interface EventQuery {
  /** Seconds since 1970 with a fraction, as text: the engine takes no other time everywhere. Inclusive. */
  readonly since?: string;
  readonly until?: string;
  readonly type?: readonly string[];
  readonly action?: readonly string[];
  readonly label?: readonly string[];
  readonly container?: readonly string[];
  readonly image?: readonly string[];
  readonly network?: readonly string[];
  readonly volume?: readonly string[];
}

export interface DiskReport {
  readonly layers_size: number;
  readonly items: readonly (Omit<DiskItem, 'managed'> & {
    readonly labels: Readonly<Record<string, string>>;
  })[];
}

export interface SystemCalls {
  /** Round trip to the engine; negotiates the API version. Throws engine_unreachable, engine_denied, engine_version, engine_timeout. */
  ping(signal?: AbortSignal): Promise<EngineVersion>;
  info(signal?: AbortSignal): Promise<EngineInfo>;
  /** May take minutes where there is much. */
  df(signal?: AbortSignal): Promise<DiskReport>;
  /** Live. Yields `{type: 'connected'}` once the engine listens, so that a relist then misses nothing. Ends at `until`; throws when the connection breaks before. */
  events(query: EventQuery, signal: AbortSignal): AsyncIterable<EngineEvent | { readonly type: 'connected' }>;
}
