import { ContractError } from '../../contracts/contract-error.ts';
import type { FileStat } from './port/file-calls.ts';

/** Bits of Go’s file mode, which is not Unix’s. */
const GO = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  sticky: 2 ** 20,
} as const;
const SPECIAL = 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21;

/** What the engine’s header says of a path. */
export function fileStat(header: string | readonly string[] | undefined): FileStat {
  const { name, size, mode, mtime, linkTarget } = parsed(String(header ?? ''));
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  const special = (mode & SPECIAL) !== 0;
  return {
    name,
    type: has(GO.directory) ? 'directory' : has(GO.symlink) ? 'symlink' : special ? 'other' : 'file',
    size,
    mode:
      (mode & 0o777) +
      (has(GO.setuid) ? 0o4000 : 0) +
      (has(GO.setgid) ? 0o2000 : 0) +
      (has(GO.sticky) ? 0o1000 : 0),
    modified_at: mtime,
    ...(linkTarget && { link_target: linkTarget }),
  };
}

interface Raw {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget?: string;
}

function parsed(header: string): Raw {
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString()) as Raw;
  } catch (error) {
    throw new ContractError('engine_failed', 'the engine does not say what lies at that path', {
      cause: error,
    });
  }
}
