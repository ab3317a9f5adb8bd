import { ContractError, isContractError } from '../../../contracts/contract-error.ts';
import type { Api } from './api.ts';
import { downloadTar } from './download-tar.ts';
import { uploadTar } from './upload-tar.ts';

/** `GET /images/get`. */
export async function saveImages(
  api: Api,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const doing = `save ${names.join(', ')}`;
  try {
    return await downloadTar(api, { path: '/images/get', query: { names } }, doing, signal);
  } catch (error) {
    if (isContractError(error, 'not_found'))
      throw new ContractError('image_not_found', error.message, { cause: error });
    throw error;
  }
}

const NAMED = /^Loaded image(?: ID)?: (\S+)/;

/** `POST /images/load`; the names or ids of what it held. */
export async function loadImages(
  api: Api,
  tar: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const loaded = new Set<string>();
  await uploadTar(
    api,
    { path: '/images/load', query: { quiet: true }, tar, doing: 'load' },
    ({ stream = '' }) => {
      const name = NAMED.exec(stream)?.[1];
      if (name !== undefined) loaded.add(name);
    },
    signal,
  );
  return [...loaded];
}
