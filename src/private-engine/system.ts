import { readFileSync } from 'node:fs';
import { getuid } from 'node:process';
import { ContractError } from '../../contracts/contract-error.ts';

export interface System {
  readonly id: 'debian' | 'ubuntu';
  /** `bookworm`, `trixie`, `noble` … */
  readonly codename: string;
}

const NEXT = 'Install Docker by hand, or set DOCKER_HOST.';

/** Which Debian or Ubuntu this is. Throws unsupported elsewhere, and when not root. */
export function requireSystem(): System {
  if (process.platform !== 'linux')
    throw new ContractError('unsupported', `a private engine needs Linux; this is ${process.platform}`, {
      next: NEXT,
    });
  if (getuid?.() !== 0)
    throw new ContractError('unsupported', 'a private engine needs root', {
      next: `Run as root, or: ${NEXT}`,
    });
  return systemOf(osRelease());
}

/** The system that a text in the form of /etc/os-release names. Throws unsupported when it is neither Debian nor Ubuntu. */
export function systemOf(text: string): System {
  const fields = new Map(
    text.split('\n').map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=').replaceAll('"', '')];
    }),
  );
  const id = fields.get('ID');
  const codename = fields.get('VERSION_CODENAME');
  if ((id === 'debian' || id === 'ubuntu') && codename !== undefined) return { id, codename };
  throw new ContractError(
    'unsupported',
    `a private engine can be installed on Debian and Ubuntu; this is ${fields.get('PRETTY_NAME') ?? 'another system'}`,
    { next: NEXT },
  );
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    // A system without that file is none of the two.
    return '';
  }
}
