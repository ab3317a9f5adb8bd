import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { HASH_LABEL } from '../plan/drift.ts';
import type { Ownership } from '../plan/observed.ts';
import { settingsDigest } from '../plan/resource-settings.ts';

/** Who we are on the engine: the instance id in every label, and the key that seals them. */
export interface Identity {
  readonly instance: string;
  readonly key: Buffer;
}

export const LABEL = {
  instance: 'berth.instance',
  id: 'berth.id',
  hash: HASH_LABEL,
  nonce: 'berth.nonce',
  seal: 'berth.seal',
  /** What a network or volume was made with: `digestOf` of its settings. */
  settings: 'berth.settings',
} as const;

type Kind = 'container' | 'network' | 'volume';
type Labels = Readonly<Record<string, string>>;

/** Labels for a container of row `id`. The nonce makes each container’s seal its own, so that a copy inside an image can be told. */
export function containerLabels(identity: Identity, id: string, recreateHash: string): Labels {
  return { ...sealed(identity, 'container', id), [LABEL.hash]: recreateHash };
}

/** Labels for a network or volume of that name, which remember what it was made with; those of the user lie below them. */
export function resourceLabels(
  identity: Identity,
  kind: 'network' | 'volume',
  name: string,
  { labels = {}, ...settings }: { readonly labels?: Labels | undefined } & object = {},
): Labels {
  return {
    ...labels,
    ...sealed(identity, kind, name),
    [LABEL.settings]: settingsDigest(settings),
  };
}

/**
 * Whose it is: `ours` only when our seal is on it for that id (row id, or name of a network or volume), and not merely
 * inherited: an image can carry labels, even copied ones of ours, so the image’s own labels are compared.
 */
export function ownership(
  identity: Identity,
  kind: Kind,
  id: string,
  labels: Labels,
  imageLabels: Labels = {},
): Ownership {
  const { [LABEL.seal]: seal = '', [LABEL.nonce]: nonce = '' } = labels;
  if (labels[LABEL.instance] !== identity.instance || labels[LABEL.id] !== id) return 'foreign';
  if (imageLabels[LABEL.seal] === seal) return 'foreign';
  const expected = Buffer.from(sealOf(identity, kind, id, nonce));
  const given = Buffer.from(seal);
  return expected.length === given.length && timingSafeEqual(expected, given) ? 'ours' : 'foreign';
}

function sealed(identity: Identity, kind: Kind, id: string): Labels {
  const nonce = randomBytes(9).toString('base64url');
  return {
    [LABEL.instance]: identity.instance,
    [LABEL.id]: id,
    [LABEL.nonce]: nonce,
    [LABEL.seal]: sealOf(identity, kind, id, nonce),
  };
}

function sealOf({ instance, key }: Identity, kind: Kind, id: string, nonce: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([kind, instance, id, nonce]))
    .digest('base64url');
}
