import type { ObservedImage } from './observed.ts';

/** Whether an image is for `linux`, `arm64`, `linux/arm64` or `linux/arm/v7`; an engine that does not show a variant is believed. */
export function isForPlatform(
  { os, architecture, variant = '' }: Pick<ObservedImage, 'os' | 'architecture' | 'variant'>,
  platform: string,
): boolean {
  const [first = '', second, third] = platform.split('/');
  if (second === undefined) return first === os || first === architecture;
  return (
    first === os && second === architecture && (third === undefined || variant === '' || third === variant)
  );
}
