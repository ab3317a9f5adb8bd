import { readFileSync } from 'node:fs';
import { getuid } from 'node:process';
import { ContractError } from '../../contracts/contract-error.ts';

export interface System {
  readonly id: 'debian' | 'ubuntu';
  /** `bookworm`, `trixie`, `noble` … */
  readonly codename: string;
}

/** Which Debian or Ubuntu this is. Throws unsupported elsewhere, and when not root. */
export function requireSystem(): System {
  const next = 'Install Docker by hand, or set DOCKER_HOST.';
  if (process.platform !== 'linux')
    throw new ContractError('unsupported', `a private engine needs Linux; this is ${process.platform}`, {
      next,
    });
  if (getuid?.() !== 0)
    throw new ContractError('unsupported', 'a private engine needs root', {
      next: `Run as root, or: ${next}`,
    });
  const fields = Object.fromEntries(
    readOsRelease()
      .split('\n')
      .flatMap((line) => {
        const [name, value] = line.split('=');
        return name && value !== undefined ? [[name, value.replaceAll('"', '')]] : [];
      }),
  );
  const id = fields['ID'];
  const codename = fields['VERSION_CODENAME'];
  if ((id === 'debian' || id === 'ubuntu') && codename !== undefined) return { id, codename };
  throw new ContractError(
    'unsupported',
    `a private engine can be installed on Debian and Ubuntu; this is ${fields['PRETTY_NAME'] ?? 'another system'}`,
    { next },
  );
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
