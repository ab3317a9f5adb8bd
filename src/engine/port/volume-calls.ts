import type { VolumeSettings } from '../../../contracts/volume-spec.ts';
import type { ObservedVolume } from '../../plan/observed.ts';

export interface VolumeCalls {
  /** Those that have all of the labels; `dangling`: that no container has, or the others. */
  list(
    filter: { readonly labels?: Readonly<Record<string, string>>; readonly dangling?: boolean },
    signal?: AbortSignal,
  ): Promise<readonly ObservedVolume[]>;
  inspect(name: string, signal?: AbortSignal): Promise<ObservedVolume | undefined>;
  /** Made, or there with the same labels of ours. Throws name_conflict when one of that name has other labels (checked after the engine's silent success too), unsupported for a driver that the engine has not. */
  create(
    request: VolumeSettings & {
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
    },
    signal?: AbortSignal,
  ): Promise<void>;
  remove(name: string, signal?: AbortSignal): Promise<'removed' | 'absent' | 'in_use'>;
}
