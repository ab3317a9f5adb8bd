import type { NetworkSettings } from '../../../contracts/network-spec.ts';
import type { ObservedNetwork } from '../../plan/observed.ts';

/** How a container joins a network. */
export interface Joining {
  readonly aliases: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly driver_opts?: Readonly<Record<string, string>>;
}

export interface NetworkCalls {
  /** Those that have all of the labels; `dangling`: that no running container is on, or the others. Without their members. */
  list(
    filter: { readonly labels?: Readonly<Record<string, string>>; readonly dangling?: boolean },
    signal?: AbortSignal,
  ): Promise<readonly ObservedNetwork[]>;
  /** By id or exact name; undefined when there is none. */
  inspect(ref: string, signal?: AbortSignal): Promise<ObservedNetwork | undefined>;
  /** Throws name_conflict when a network of that name is there, unsupported for a driver that the engine has not, engine_refused (addresses that overlap, say). */
  create(
    request: NetworkSettings & {
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
    },
    signal?: AbortSignal,
  ): Promise<{ readonly id: string }>;
  /** `in_use` when containers are on it. */
  remove(ref: string, signal?: AbortSignal): Promise<'removed' | 'absent' | 'in_use'>;
  /** Connected, or already so. Throws not_found, engine_refused (an address that is taken, or not of the network). */
  connect(network: string, container: string, options: Joining, signal?: AbortSignal): Promise<void>;
  /** Disconnected, or not connected. */
  disconnect(
    network: string,
    container: string,
    options: { readonly force: boolean },
    signal?: AbortSignal,
  ): Promise<void>;
}
