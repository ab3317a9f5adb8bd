import { z } from 'zod';
import { updateConfig } from '../../contracts/container-fields/convergence.ts';
import { engineName } from '../../contracts/container-fields/texts.ts';
import { type ContainerSpec, containerSpec } from '../../contracts/container-spec.ts';
import type { Member } from '../plan/desired.ts';
import type { Identity } from './labels.ts';
import { readSealedText, sealText } from './sealed-text.ts';

/** The label that keeps a made container’s spec, for the day when the state folder’s database is lost. */
export const SPEC_LABEL = 'berth.spec';

const kept = z.object({
  name: engineName,
  aliases: z.array(engineName),
  spec: containerSpec,
  member: z
    .object({
      group: engineName,
      service: z.string(),
      replica: z.int().min(1).nullable(),
      update_config: updateConfig.optional(),
    })
    .optional(),
});
export interface KeptSpec {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly spec: ContainerSpec;
  /** Of which group, and what it is there. */
  readonly member?: Member | undefined;
}

/** A label that only our key can write, for that row alone. */
export function sealSpec(
  identity: Identity,
  id: string,
  { name, aliases, spec, member }: KeptSpec,
): Readonly<Record<string, string>> {
  return { [SPEC_LABEL]: sealText(identity, { kind: 'spec', id }, { name, aliases, spec, member }) };
}

/** What the label keeps; undefined when there is none, or when it was not written with our key for that row. */
export function readSealedSpec(
  identity: Identity,
  id: string,
  labels: Readonly<Record<string, string>>,
): KeptSpec | undefined {
  return kept.safeParse(readSealedText(identity, { kind: 'spec', id }, labels[SPEC_LABEL] ?? '')).data;
}
