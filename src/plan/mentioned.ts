import type { ContainerSpec } from '../../contracts/container-spec.ts';

export const DEFAULT_IMAGE = 'alpine:latest';
const ENGINES_OWN: ReadonlySet<string> = new Set(['bridge', 'host', 'none', 'default']);

/** The image that a spec runs. */
export function imageOf(spec: ContainerSpec): string {
  return spec.image ?? DEFAULT_IMAGE;
}

/** An image reference with what may be left out written out, so that two can be compared as text. */
export function fullReference(reference: string): string {
  const text = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
  return /[:@]/.test(text.slice(text.lastIndexOf('/') + 1)) ? text : `${text}:latest`;
}

/** The network that a spec joins and that must be made; undefined for the engine’s own. */
export function joinedNetwork(spec: ContainerSpec): string | undefined {
  return spec.network === undefined || ENGINES_OWN.has(spec.network) ? undefined : spec.network;
}

/** Networks that must exist before the container. */
export function mentionedNetworks(spec: ContainerSpec): readonly string[] {
  const network = joinedNetwork(spec);
  return network === undefined ? [] : [network];
}

/** Named volumes that must exist before the container, each once. */
export function mentionedVolumes(spec: ContainerSpec): readonly string[] {
  return [...new Set((spec.volumes ?? []).flatMap(({ name }) => name ?? []))];
}
