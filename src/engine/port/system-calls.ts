export interface EngineVersion {
  readonly engine: string;
  readonly api: string;
  readonly os: string;
  readonly architecture: string;
}

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

export interface SystemCalls {
  /** Round trip to the engine; negotiates the API version. Throws engine_unreachable, engine_denied, engine_version, engine_timeout. */
  ping(signal?: AbortSignal): Promise<EngineVersion>;
  /** Live, from now. Yields `{type: 'connected'}` once the engine listens, so that a relist then misses nothing. Throws when the connection breaks. */
  events(signal: AbortSignal): AsyncIterable<EngineEvent | { readonly type: 'connected' }>;
}
