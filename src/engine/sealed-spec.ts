import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { engineName } from '../../contracts/container-fields/texts.ts';
import { type ContainerSpec, containerSpec } from '../../contracts/container-spec.ts';
import type { Identity } from './labels.ts';

/** The label that keeps a made container’s spec, for the day when the state folder’s database is lost. */
export const SPEC_LABEL = 'berth.spec';
const LARGEST = 8 * 1024 * 1024;

const kept = z.object({ name: engineName, aliases: z.array(engineName), spec: containerSpec });
export interface KeptSpec {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly spec: ContainerSpec;
}

/** A label that only our key can write, for that row alone. */
export function sealSpec(
  identity: Identity,
  id: string,
  { name, aliases, spec }: KeptSpec,
): Readonly<Record<string, string>> {
  const payload = deflateRawSync(JSON.stringify({ name, aliases, spec })).toString('base64url');
  return { [SPEC_LABEL]: `${sealOf(identity, id, payload)}.${payload}` };
}

/** What the label keeps; undefined when there is none, or when it was not written with our key for that row. */
export function readSealedSpec(
  identity: Identity,
  id: string,
  labels: Readonly<Record<string, string>>,
): KeptSpec | undefined {
  const [seal = '', payload = ''] = (labels[SPEC_LABEL] ?? '').split('.');
  const expected = Buffer.from(sealOf(identity, id, payload));
  const given = Buffer.from(seal);
  if (payload === '' || expected.length !== given.length || !timingSafeEqual(expected, given))
    return undefined;
  const text = inflateRawSync(Buffer.from(payload, 'base64url'), { maxOutputLength: LARGEST }).toString();
  const parsed = kept.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}

function sealOf({ instance, key }: Identity, id: string, payload: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['spec', instance, id, payload]))
    .digest('base64url');
}
