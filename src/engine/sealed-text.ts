import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Identity } from './labels.ts';

const LARGEST = 8 * 1024 * 1024;

/** What a label says, and for which thing. */
export interface About {
  readonly kind: 'spec' | 'network';
  /** A row’s id, or a name. */
  readonly id: string;
}

/** JSON as a label’s text that only our key can write, for that thing alone. */
export function sealText(identity: Identity, about: About, value: object): string {
  const payload = deflateRawSync(JSON.stringify(value)).toString('base64url');
  return `${sealOf(identity, about, payload)}.${payload}`;
}

/** What it says; undefined when it was not written with our key for that thing. */
export function readSealedText(identity: Identity, about: About, text: string): unknown {
  const [seal = '', payload = ''] = text.split('.');
  const expected = Buffer.from(sealOf(identity, about, payload));
  const given = Buffer.from(seal);
  if (payload === '' || expected.length !== given.length || !timingSafeEqual(expected, given))
    return undefined;
  return JSON.parse(
    inflateRawSync(Buffer.from(payload, 'base64url'), { maxOutputLength: LARGEST }).toString(),
  );
}

function sealOf({ instance, key }: Identity, { kind, id }: About, payload: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([kind, instance, id, payload]))
    .digest('base64url');
}
