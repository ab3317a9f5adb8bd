import { z } from 'zod';

const secret = z.string().min(1).max(65_536);

/** Who somebody is to a registry. It is used for one call, and neither kept nor logged. */
export const registryAuth = z
  .union([
    z.strictObject({ username: z.string().min(1).max(1024), password: secret }),
    z.strictObject({ identity_token: secret }),
    z.strictObject({ registry_token: secret }),
  ])
  .describe(
    'Who we are to the registry: `{username, password}`, `{identity_token}` or `{registry_token}`. Left out: what `berth login`, DOCKER_AUTH_CONFIG or Docker’s config.json and its credential helpers know of it.',
  );
