import { z } from 'zod';
import { composeService } from './service.ts';
import { decimal, flag, known, openMap, text, textMap } from './values.ts';

const other = z.unknown();
const external = z.union([flag, known({ name: text })]);
const orEmpty = <T extends z.ZodType>(schema: T) => z.preprocess((given) => given ?? {}, schema);

export const composeNetwork = known({
  name: text.optional(),
  driver: text.optional(),
  driver_opts: openMap.optional(),
  external: external.optional(),
  internal: flag.optional(),
  attachable: flag.optional(),
  enable_ipv4: flag.optional(),
  enable_ipv6: flag.optional(),
  labels: textMap.optional(),
  ipam: known({
    driver: text.optional(),
    options: openMap.optional(),
    config: z
      .array(
        known({
          subnet: text.optional(),
          ip_range: text.optional(),
          gateway: text.optional(),
          aux_addresses: textMap.optional(),
        }),
      )
      .optional(),
  }).optional(),
});
export type ComposeNetwork = z.output<typeof composeNetwork>;

export const composeVolume = known({
  name: text.optional(),
  driver: text.optional(),
  driver_opts: openMap.optional(),
  external: external.optional(),
  labels: textMap.optional(),
});
export type ComposeVolume = z.output<typeof composeVolume>;

/** A secret or a config. */
export const composeFile = known({
  name: text.optional(),
  file: text.optional(),
  environment: text.optional(),
  content: z.string().optional(),
  external: external.optional(),
  labels: other.optional(),
  driver: other.optional(),
  driver_opts: other.optional(),
  template_driver: other.optional(),
});
export type ComposeFile = z.output<typeof composeFile>;

/** Several files as one, in their long forms. */
export const composeModel = known({
  name: text.optional(),
  version: z.union([text, decimal]).optional(),
  include: other.optional(),
  services: z.record(z.string(), composeService).optional(),
  networks: z.record(z.string(), orEmpty(composeNetwork)).optional(),
  volumes: z.record(z.string(), orEmpty(composeVolume)).optional(),
  secrets: z.record(z.string(), composeFile).optional(),
  configs: z.record(z.string(), composeFile).optional(),
  models: other.optional(),
});
export type ComposeModel = z.output<typeof composeModel>;

/** Who somebody else’s thing is, by its name on the engine; undefined when it is ours. */
export function externalName(
  key: string,
  {
    name,
    external,
  }: { readonly name?: string | undefined; readonly external?: boolean | { name: string } | undefined },
): string | undefined {
  if (external === undefined || external === false) return undefined;
  return name ?? (typeof external === 'object' ? external.name : key);
}
