import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import { parseEnv } from 'node:util';
import { ContractError } from '../../contracts/contract-error.ts';
import { isGone } from './find-files.ts';

/** An environment file may be this long, in bytes. */
const LARGEST = 1024 * 1024;

/**
 * The variables of files with a NAME=value on each line, as Compose reads them (quotes, `#` comments, `export`): what a later file says
 * wins. Paths are absolute, or begin with `~/`. Throws invalid_input, which names the file.
 */
export async function readEnvFiles(
  files: string | readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const read = await Promise.all([files].flat().map(one));
  return Object.assign({}, ...read);
}

async function one(given: string): Promise<Record<string, string>> {
  const file = given === '~' || given.startsWith('~/') ? homedir() + given.slice(1) : given;
  if (!isAbsolute(file)) throw wrong(given, 'is no absolute path');
  let text: string;
  try {
    text = await contentOf(file);
  } catch (error) {
    if (error instanceof ContractError) throw error;
    if (isGone(error)) throw wrong(file, 'is not there; make it, or take it out', error);
    throw wrong(file, error instanceof Error ? error.message : String(error), error);
  }
  if (text.includes('\0')) throw wrong(file, 'is no text: it has a NUL');
  return Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Of a real file, as much as there may be: a pipe would never end, and a device says that it is empty. */
async function contentOf(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw wrong(file, 'is no file');
    const buffer = Buffer.alloc(LARGEST + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (length > LARGEST) throw wrong(file, 'is larger than 1 MiB');
      if (bytesRead === 0) return buffer.toString('utf8', 0, length);
    }
  } finally {
    await handle.close();
  }
}

function wrong(file: string, why: string, cause?: unknown): ContractError {
  return new ContractError('invalid_input', `the environment file ${file}: ${why}`, {
    cause,
    problems: [{ path: 'env_file', message: `${file}: ${why}` }],
  });
}
