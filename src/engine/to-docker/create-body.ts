/** How a container joins a network, to the engine. */
export interface EndpointBody {
  Aliases?: readonly string[];
  Links?: readonly string[];
  MacAddress?: string;
  DriverOpts?: Readonly<Record<string, string>>;
  IPAMConfig?: object;
}

/** The host’s side of the body. Fields that nothing else here looks into are only listed. */
export interface HostBody {
  Binds?: readonly string[];
  Mounts?: readonly object[];
  PortBindings?: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>>;
  NetworkMode?: string;
  RestartPolicy?: { readonly Name: string; readonly MaximumRetryCount: number };
  Memory?: number;
  NanoCpus?: number;
  Init?: boolean;
  LogConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  MaskedPaths?: readonly string[];
  ReadonlyPaths?: readonly string[];
  readonly [field: string]: unknown;
}

/** The container’s side of the body. */
export interface ConfigBody {
  Image?: string;
  Cmd?: readonly string[];
  Entrypoint?: readonly string[];
  Env?: readonly string[];
  Labels?: Readonly<Record<string, string>>;
  WorkingDir?: string;
  User?: string;
  Hostname?: string;
  Domainname?: string;
  MacAddress?: string;
  NetworkDisabled?: boolean;
  Tty?: boolean;
  OpenStdin?: boolean;
  StdinOnce?: boolean;
  AttachStdin?: boolean;
  StopSignal?: string;
  StopTimeout?: number;
  ExposedPorts?: Readonly<Record<string, object>>;
  Healthcheck?: object;
  NetworkingConfig?: { EndpointsConfig: Readonly<Record<string, EndpointBody>> };
}

/** The body of `POST /containers/create`, as far as we set it. */
export interface CreateBody extends ConfigBody {
  HostConfig: HostBody;
}
