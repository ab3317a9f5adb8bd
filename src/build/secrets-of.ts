import { readFile } from 'node:fs/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import { unreadable } from './context-entries.ts';
import type { PrivateInputs } from './private-inputs.ts';

/** What a build’s secrets hold, by id. Throws invalid_input for a file that cannot be read. */
export async function secretsOf(secrets: PrivateInputs['secrets'] = []): Promise<Record<string, Uint8Array>> {
  const found: [string, Uint8Array][] = [];
  for (const { id, value, file } of secrets) {
    if (value !== undefined) found.push([id, Buffer.from(value)]);
    if (file === undefined) continue;
    const bytes = await readFile(file).catch((error: unknown) => {
      const { message } = unreadable(file, error);
      throw new ContractError('invalid_input', `the secret ${id}: ${message}`, { cause: error });
    });
    found.push([id, bytes]);
  }
  return Object.fromEntries(found);
}
