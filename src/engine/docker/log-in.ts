import { ContractError } from '../../../contracts/contract-error.ts';
import { keyOf, registryOf } from '../credentials/registry-key.ts';
import { connectionError } from '../engine-errors.ts';
import type { RegistryAuth } from '../port/image-calls.ts';
import { type Api, DEADLINE } from './api.ts';
import { refusedPull } from './pull-failure.ts';
import { authBody, withoutSecrets } from './registry-auth.ts';

/** `POST /auth`. Docker Hub when no registry is named. */
export async function logIn(
  api: Api,
  registry: string | undefined,
  auth: RegistryAuth,
  signal: AbortSignal | undefined,
): Promise<{ readonly identity_token?: string }> {
  const address = keyOf(registryOf(registry ?? 'docker.io'));
  const about = { text: address, repository: '' };
  try {
    const { status, body } = await api.ask(
      { method: 'POST', path: '/auth', body: { ...authBody(auth), serveraddress: address } },
      { doing: `login ${address}`, deadline: DEADLINE.mutate, fine: [401], signal },
    );
    if (status === 401)
      throw new ContractError('image_denied', `login ${address}: the registry does not take these`, {
        next: 'Check the name and the password.',
      });
    const token = tokenIn(body);
    return token === undefined ? {} : { identity_token: token };
  } catch (error) {
    const known = connectionError(error, api.transport.host, signal);
    throw refusedPull(about, known, { verb: 'login', otherwise: 'engine_failed' }, (said) =>
      withoutSecrets(said, auth),
    );
  }
}

function tokenIn(body: string): string | undefined {
  if (body.trim() === '') return undefined;
  const value: unknown = JSON.parse(body);
  const token =
    typeof value === 'object' && value !== null && 'IdentityToken' in value ? value.IdentityToken : undefined;
  return typeof token === 'string' && token !== '' ? token : undefined;
}
