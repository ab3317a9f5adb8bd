import type { ObservedVolume } from '../../plan/observed.ts';

export interface VolumeCalls {
  list(
    filter: { readonly labels?: Readonly<Record<string, string>> },
    signal?: AbortSignal,
  ): Promise<readonly ObservedVolume[]>;
  inspect(name: string, signal?: AbortSignal): Promise<ObservedVolume | undefined>;
  /** Made, or there with the same labels of ours. Throws name_conflict when one of that name has other labels (checked after the engine's silent success too). */
  create(
    request: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
    signal?: AbortSignal,
  ): Promise<void>;
  remove(name: string, signal?: AbortSignal): Promise<'removed' | 'absent' | 'in_use'>;
}
