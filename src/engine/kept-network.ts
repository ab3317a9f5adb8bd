import { type NetworkSpec, networkSpec } from '../../contracts/network-spec.ts';
import type { Identity } from './labels.ts';
import { readSealedText, sealText } from './sealed-text.ts';

/** The label of a network that a call had made, and that stays whoever leaves it: what was asked for. */
const KEPT_LABEL = 'berth.kept';

/** A label that only our key can write, for a network of that name alone. */
export function keptNetwork(
  identity: Identity,
  { name, ...settings }: NetworkSpec,
): Readonly<Record<string, string>> {
  return { [KEPT_LABEL]: sealText(identity, { kind: 'network', id: name }, settings) };
}

/** What a call asked for; undefined when no call did, or when it was not written with our key. */
export function readKeptNetwork(
  identity: Identity,
  name: string,
  labels: Readonly<Record<string, string>>,
): NetworkSpec | undefined {
  const settings = readSealedText(identity, { kind: 'network', id: name }, labels[KEPT_LABEL] ?? '');
  return typeof settings === 'object' && settings !== null
    ? networkSpec.safeParse({ ...settings, name }).data
    : undefined;
}
