import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { ContractError } from '../../contracts/contract-error.ts';

/** A unix socket’s path is cut off silently beyond this by some systems. */
const LONGEST_SOCKET_PATH = 100;

/** Everything that Berth keeps of one installation, in a folder of the owner’s alone. */
export interface StateFolder {
  readonly path: string;
  readonly database: string;
  readonly journal: string;
  readonly socket: string;
  readonly lock: string;
  /** What is private to builds, until they end. */
  readonly builds: string;
}

/** The paths of a state folder. A socket path too long for the system is in `socketDir` instead; `berth.sock.path` says where. */
export function stateFolder(path: string, socketDir: string): StateFolder {
  const absolute = resolve(path);
  const socket = join(absolute, 'berth.sock');
  const short = join(
    socketDir,
    `berth-${createHash('sha256').update(absolute).digest('hex').slice(0, 16)}.sock`,
  );
  return {
    path: absolute,
    database: join(absolute, 'berth.db'),
    journal: join(absolute, 'logs.db'),
    socket: Buffer.byteLength(socket) <= LONGEST_SOCKET_PATH ? socket : short,
    lock: join(absolute, 'daemon.json'),
    builds: join(absolute, 'builds'),
  };
}

/** Make it if missing (0700). Throws database_failed when it cannot be made or is no folder. */
export function prepareStateFolder({ path, socket }: StateFolder): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    if (dirname(socket) !== path) {
      prepareSocketFolder(dirname(socket));
      writeFileSync(join(path, 'berth.sock.path'), `${socket}\n`, { mode: 0o600 });
    }
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw new ContractError(
      'database_failed',
      `the state folder ${path} cannot be made: ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    );
  }
}

/** A folder among those of others: nobody else may have made it, or may put his own socket there. */
function prepareSocketFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0)
    throw new ContractError(
      'database_failed',
      `${path} is not this user’s alone, so no socket is made there`,
      {
        next: 'Remove it, or use a --state with a shorter path.',
      },
    );
}

/** The nearest `.berth` from a folder upwards; where it would be made if there is none. */
export function findStateFolder(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.berth'))) return join(folder, '.berth');
    if (folder === dirname(folder)) return join(resolve(from), '.berth');
  }
}

const identityFile = z.object({
  instance: z.string().regex(/^[0-9a-f]{16}$/),
  key: z.base64().refine((text) => Buffer.from(text, 'base64').length === 32),
});

/** Who this installation is on the engine: made once, kept in `instance.key` (0600). Throws database_failed when the file is damaged. */
export function readIdentity({ path }: StateFolder): { readonly instance: string; readonly key: Buffer } {
  const file = join(path, 'instance.key');
  if (!existsSync(file)) {
    const made = { instance: randomBytes(8).toString('hex'), key: randomBytes(32).toString('base64') };
    try {
      writeFileSync(file, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Another process was a moment quicker: its identity is the one.
      if (!existsSync(file))
        throw new ContractError('database_failed', `${file} cannot be written`, { cause: error });
    }
  }
  const parsed = identityFile.safeParse(parse(readFileSync(file, 'utf8')));
  if (!parsed.success)
    throw new ContractError(
      'database_failed',
      `${file} is damaged; without it Berth cannot prove which containers are its own`,
      { next: 'Restore it from a backup, or remove the state folder and the containers by hand.' },
    );
  return { instance: parsed.data.instance, key: Buffer.from(parsed.data.key, 'base64') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
