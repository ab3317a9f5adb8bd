import type { Health } from '../../contracts/events.ts';

/** The engine's own word for what a container does. It appears only in what was observed, never as our status. */
export type EngineState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface ObservedPort {
  readonly host_ip: string;
  readonly host: number;
  readonly container: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

export interface ObservedAttachment {
  readonly network: string;
  readonly network_id: string;
  readonly ip?: string;
  readonly ipv6?: string;
  readonly mac?: string;
  readonly aliases: readonly string[];
  /** The addresses that it was asked to have there, not given by the engine. */
  readonly asked?: { readonly ipv4_address?: string; readonly ipv6_address?: string };
}

/** What the engine reports of one container, in our words. Times are RFC 3339 with the engine's nanoseconds. */
export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  /** The reference it was made from, as text. */
  readonly image: string;
  readonly image_id: string;
  readonly state: EngineState;
  readonly health: Health;
  /** Only when `state` is exited or dead. */
  readonly exit_code?: number;
  readonly oom_killed: boolean;
  /** What the engine says of a failed start. */
  readonly error?: string;
  readonly created_at: string;
  /** Left out when it never started. */
  readonly started_at?: string;
  readonly finished_at?: string;
  readonly restart_count: number;
  /** `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:N`. */
  readonly restart_policy: string;
  readonly memory_limit?: number;
  /** Memory and swap together, as the engine shows it. */
  readonly memory_swap?: number;
  readonly memory_reservation?: number;
  readonly cpu_limit?: number;
  readonly cpu_shares?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpuset_cpus?: string;
  readonly cpuset_mems?: string;
  readonly blkio_weight?: number;
  readonly pids_limit?: number;
  /** `host`, `none`, `container:` with an engine id, or its first network. */
  readonly network_mode?: string;
  /** Engine ids of the containers whose namespaces it shares. */
  readonly shares?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly ObservedPort[];
  readonly networks: readonly ObservedAttachment[];
  /** Named and anonymous volumes and binds, by where they appear inside. `anonymous` ones go with the container. */
  readonly mounts: readonly ObservedMount[];
  readonly tty: boolean;
  readonly open_stdin: boolean;
  readonly log_driver: string;
  /** What the engine shows of each field that is compared (`plan/fields`), as it is compared. Never stored: env is among it. */
  readonly settings?: ObservedSettings;
}

/** By field, in the words of specs; a field left out is not shown by this engine. */
export type ObservedSettings = Readonly<Record<string, Comparable>>;

/** What can be compared as canonical JSON; null: there is none. */
export type Comparable =
  | null
  | boolean
  | number
  | string
  | readonly Comparable[]
  | { readonly [key: string]: Comparable };

export interface ObservedMount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'other';
  readonly container: string;
  /** Volume name, or path of this machine. */
  readonly source: string;
  readonly anonymous: boolean;
  readonly mode: 'rw' | 'ro';
}

export interface ObservedImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly size: number;
  readonly created_at?: string;
  readonly os: string;
  readonly architecture: string;
  /** Of the architecture, when the engine shows it: `v7`. */
  readonly variant?: string;
  /** What a container gets from it that its spec does not say; left out in lists. */
  readonly config?: ObservedImageConfig;
}

/** Texts and lists that are empty are left out. */
export interface ObservedImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly work_dir?: string;
  readonly stop_signal?: string;
  /** Like `80/tcp`. */
  readonly expose?: readonly string[];
  readonly health_check?: ObservedHealthCheck;
}

/** Times in seconds; what is left out goes by the engine’s defaults. */
export interface ObservedHealthCheck {
  /** With how it is run: `CMD`, `CMD-SHELL` or `NONE` first. */
  readonly test?: readonly string[];
  readonly interval?: number;
  readonly timeout?: number;
  readonly retries?: number;
  readonly start_period?: number;
  readonly start_interval?: number;
}

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipv6: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly ipam: {
    readonly driver: string;
    readonly options: Readonly<Record<string, string>>;
    readonly config: readonly {
      readonly subnet?: string;
      readonly ip_range?: string;
      readonly gateway?: string;
      readonly aux_addresses?: Readonly<Record<string, string>>;
    }[];
  };
  /** RFC 3339. */
  readonly created_at?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Engine ids of the containers on it now; a list knows none. */
  readonly container_ids: readonly string[];
  /** The same with their addresses. */
  readonly members: readonly {
    readonly container_id: string;
    readonly name: string;
    /** With the length of its prefix. */
    readonly ipv4?: string;
    readonly ipv6?: string;
    readonly mac?: string;
  }[];
}

export interface ObservedVolume {
  readonly name: string;
  readonly driver: string;
  readonly scope: string;
  readonly options: Readonly<Record<string, string>>;
  readonly mountpoint?: string;
  /** RFC 3339. */
  readonly created_at?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether something of that name is ours: proven by our seal, somebody else's, or not there. */
export type Ownership = 'ours' | 'foreign';

/** Everything the planner looks at, taken in one go before it decides. */
export interface Observed {
  /** When, in milliseconds by our clock. */
  readonly at: number;
  /** The container that the row knows by engine id, else what has the desired name. */
  readonly container?: { readonly seen: ObservedContainer; readonly ownership: Ownership };
  /** A former container of ours that was renamed aside during a replacement and not yet removed. */
  readonly set_aside?: ObservedContainer | undefined;
  /** Engine id of what is somebody else’s and has the name that a former container gets during a replacement. */
  readonly aside_taken_by?: string;
  /** The image that the desired reference names on the engine now. */
  readonly image?: ObservedImage;
  /** Of the networks that the spec mentions, those that exist. */
  readonly networks: ReadonlyMap<string, { readonly seen: ObservedNetwork; readonly ownership: Ownership }>;
  /** Of the networks that calls had it join, those that exist. */
  readonly connections?: ReadonlyMap<
    string,
    { readonly seen: ObservedNetwork; readonly ownership: Ownership }
  >;
  /** Of the named volumes that the spec mentions, those that exist. */
  readonly volumes: ReadonlyMap<string, { readonly seen: ObservedVolume; readonly ownership: Ownership }>;
  /** Of the containers that the spec names, those that exist, by name. */
  readonly peers?: ReadonlyMap<string, { readonly seen: ObservedContainer; readonly ownership: Ownership }>;
  /** What this engine cannot do of what the spec asks. */
  readonly unsupported?: readonly string[];
  /** Networks of ours, mentioned or joined, that no other row wants and no other container is on: they go with this container. */
  readonly releasable: ReadonlySet<string>;
}

/** The container, if it is ours. */
export function oursOf({ container }: Observed): ObservedContainer | undefined {
  return container?.ownership === 'ours' ? container.seen : undefined;
}
