import { keyOf, registryOf } from '../../credentials/registry-key.ts';
import type { RegistryAuth } from '../../port/image-calls.ts';
import type { Registries } from '../../registries.ts';
import { authBody } from '../registry-auth.ts';

/** Who a build is to the registries of its base images: what the call says comes before what is configured. */
export interface RegistryKnowledge {
  /** By the host that BuildKit names. */
  of(host: string): Promise<RegistryAuth | undefined>;
  /** All of it beforehand: the classic builder cannot ask. */
  header(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
}

export function registryKnowledge(
  { credentials }: Pick<Registries, 'credentials'>,
  auth: Readonly<Record<string, RegistryAuth>> = {},
): RegistryKnowledge {
  const given = new Map(Object.entries(auth).map(([name, one]) => [registryOf(name), one]));
  return {
    of: async (host) => given.get(registryOf(host)) ?? (await credentials.of(registryOf(host))),
    header: async (signal) => {
      const all = { ...(await credentials.all(signal)) };
      for (const [registry, one] of given) all[keyOf(registry)] = one;
      const bodies = Object.entries(all).map(([key, one]) => [key, authBody(one)] as const);
      if (bodies.length === 0) return {};
      const text = Buffer.from(JSON.stringify(Object.fromEntries(bodies))).toString('base64');
      return { 'X-Registry-Config': text.replaceAll('+', '-').replaceAll('/', '_') };
    },
  };
}
