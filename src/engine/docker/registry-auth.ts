import type { RegistryAuth } from '../port/image-calls.ts';

/** As the engine wants it in `X-Registry-Auth`. */
export function authHeader(auth: RegistryAuth = {}): Readonly<Record<string, string>> {
  const text = Buffer.from(JSON.stringify(authBody(auth))).toString('base64');
  // For addresses, but padded: the engine takes what is not for nobody’s.
  return { 'X-Registry-Auth': text.replaceAll('+', '-').replaceAll('/', '_') };
}

/** In the engine’s words, without what is not there. */
export function authBody({ username, password, identity_token, registry_token }: RegistryAuth): object {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(identity_token !== undefined && { identitytoken: identity_token }),
    ...(registry_token !== undefined && { registrytoken: registry_token }),
  };
}

/** What somebody said, without our secrets and without those in addresses. */
export function withoutSecrets(
  said: string,
  { password, identity_token, registry_token }: RegistryAuth = {},
): string {
  let text = said.replaceAll(/(:\/\/)[^/@\s"]+@/g, '$1***@');
  for (const secret of [password, identity_token, registry_token])
    if (secret !== undefined && secret.length > 2) text = text.replaceAll(secret, '***');
  return text;
}
