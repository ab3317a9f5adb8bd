import type { ImageSpec } from '../../contracts/image-spec.ts';
import type { NetworkSpec } from '../../contracts/network-spec.ts';
import type { VolumeSpec } from '../../contracts/volume-spec.ts';

/** What can be declared beside containers. */
export const RESOURCE_KINDS = ['network', 'volume', 'image'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** What each is made of, its name aside. */
export interface SettingsOf {
  readonly network: Omit<NetworkSpec, 'name'>;
  readonly volume: Omit<VolumeSpec, 'name'>;
  readonly image: Omit<ImageSpec, 'name'>;
}
export type ResourceSettings = SettingsOf[ResourceKind];
