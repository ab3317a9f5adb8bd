import type { ObservedNetwork } from '../../plan/observed.ts';

export interface NetworkCalls {
  list(
    filter: { readonly labels?: Readonly<Record<string, string>> },
    signal?: AbortSignal,
  ): Promise<readonly ObservedNetwork[]>;
  inspect(ref: string, signal?: AbortSignal): Promise<ObservedNetwork | undefined>;
  /** Throws name_conflict when a network of that name is there. */
  create(
    request: {
      readonly name: string;
      readonly driver?: string;
      readonly internal?: boolean;
      readonly labels: Readonly<Record<string, string>>;
    },
    signal?: AbortSignal,
  ): Promise<{ readonly id: string }>;
  /** `in_use` when containers are on it. */
  remove(ref: string, signal?: AbortSignal): Promise<'removed' | 'absent' | 'in_use'>;
  /** Connected, or already so. Throws not_found. */
  connect(
    network: string,
    container: string,
    options: { readonly aliases: readonly string[] },
    signal?: AbortSignal,
  ): Promise<void>;
  /** Disconnected, or not connected. */
  disconnect(network: string, container: string, signal?: AbortSignal): Promise<void>;
}
