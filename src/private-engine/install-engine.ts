import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ContractError } from '../../contracts/contract-error.ts';
import { runCommand } from './run-command.ts';
import { requireSystem, type System } from './system.ts';

/** `new`: the newest that runs here; `distribution`: the one of this system’s own release. */
export type Lane = 'new' | 'distribution';

export interface InstalledEngine {
  readonly folder: string;
  /** For PATH. */
  readonly bin: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
  readonly version: string;
}

const ENGINE = ['docker.io', 'containerd', 'tini'];
/** From the system’s own release: newer ones want a newer libc. */
const COMPANIONS = [
  'runc',
  'busybox-static',
  'iptables',
  'libip4tc2',
  'libip6tc2',
  'libxtables12',
  'libnftnl11',
  'libnetfilter-conntrack3',
  'libnfnetlink0',
  'libmnl0',
];
const NEWER_DEBIAN = 'trixie';
const LOCK_MS = 10 * 60_000;

/** What was installed there before; undefined when nothing, or not wholly. */
export function installedEngine(folder: string): InstalledEngine | undefined {
  const marker = join(folder, 'installed.json');
  if (!existsSync(marker)) return undefined;
  const { version, libraries } = JSON.parse(readFileSync(marker, 'utf8')) as {
    version: string;
    libraries: string;
  };
  return { folder, bin: join(folder, 'bin'), libraries, version };
}

/**
 * An engine unpacked into a folder of its own from Debian’s or Ubuntu’s packages: nothing of the system is touched. Idempotent.
 * `more` are further packages to unpack beside it. Throws unsupported (not root, another system), engine_failed (the packages).
 */
export async function installEngine(options: {
  readonly folder: string;
  readonly lane: Lane;
  readonly more?: readonly string[];
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}): Promise<InstalledEngine> {
  const { folder, lane, more = [], say, signal } = options;
  const system = requireSystem();
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'installing');
  await takeLock(lock, signal);
  try {
    const before = installedEngine(folder);
    if (before !== undefined) return before;
    say(
      `Downloading a Docker Engine from the packages of ${system.id} into ${folder}; the system itself is left as it is.`,
    );
    const deb = join(folder, 'deb');
    mkdirSync(deb, { recursive: true });
    await download(
      ENGINE,
      deb,
      lane === 'new' ? await newerLists(folder, system, signal) : await ownLists(signal),
      signal,
    );
    await download([...COMPANIONS, ...more], deb, await ownLists(signal), signal);
    return await unpack(folder, deb, signal);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

async function takeLock(lock: string, signal: AbortSignal | undefined): Promise<void> {
  const end = performance.now() + LOCK_MS;
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true });
      else if (performance.now() > end)
        throw new ContractError('engine_failed', `${lock} is held by another installation`, { cause: error });
    }
    await pause(200, undefined, signal === undefined ? {} : { signal });
  }
}

function isAbandoned(lock: string): boolean {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    return pid > 0 && !existsSync(`/proc/${pid}`);
  } catch {
    return false;
  }
}

let listsRead: Promise<readonly string[]> | undefined;

/** The machine’s own package lists, read anew once a process. */
function ownLists(signal: AbortSignal | undefined): Promise<readonly string[]> {
  listsRead ??= runCommand('apt-get', ['update', '-q'], signal === undefined ? {} : { signal }).then(
    () => [],
  );
  return listsRead;
}

/** Lists of a newer Debian in folders of their own, from the mirror that this machine uses. */
async function newerLists(
  folder: string,
  system: System,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  if (system.id !== 'debian' || system.codename !== 'bookworm') return ownLists(signal);
  await ownLists(signal);
  const targets = await runCommand('apt-get', [
    'indextargets',
    '--format',
    '$(CODENAME) $(ORIGIN) $(COMPONENT) $(REPO_URI)',
    'Created-By: Packages',
  ]);
  const mirror = targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(
      ([codename, origin, component]) =>
        codename === system.codename && origin === 'Debian' && component === 'main',
    )?.[3];
  if (mirror === undefined)
    throw new ContractError('engine_failed', 'the machine’s package sources name no mirror of Debian', {
      next: 'Look at `apt-get indextargets`.',
    });
  for (const name of ['parts', 'lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, name), { recursive: true });
  const list = join(folder, 'newer.list');
  writeFileSync(
    list,
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} ${NEWER_DEBIAN} main\n`,
  );
  const options = [
    `Dir::Etc::sourcelist=${list}`,
    `Dir::Etc::sourceparts=${join(folder, 'parts')}`,
    `Dir::State::Lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
  ].flatMap((option) => ['-o', option]);
  await runCommand('apt-get', [...options, 'update', '-q'], signal === undefined ? {} : { signal });
  return options;
}

async function download(
  packages: readonly string[],
  cwd: string,
  options: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await runCommand('apt-get', [...options, '-o', 'APT::Sandbox::User=root', 'download', '-q', ...packages], {
    cwd,
    ...(signal && { signal }),
  });
}

async function unpack(
  folder: string,
  deb: string,
  signal: AbortSignal | undefined,
): Promise<InstalledEngine> {
  const root = join(folder, 'root');
  for (const name of readdirSync(deb))
    await runCommand('dpkg', ['-x', join(deb, name), root], signal === undefined ? {} : { signal });
  const bin = join(folder, 'bin');
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(bin);
  for (const place of ['usr/sbin', 'sbin', 'usr/bin', 'bin']) {
    for (const name of existsSync(join(root, place)) ? readdirSync(join(root, place)) : [])
      linkOnce(join(root, place, name), join(bin, name));
  }
  // iptables is one program under several names.
  for (const name of [
    'iptables',
    'ip6tables',
    'iptables-save',
    'iptables-restore',
    'ip6tables-save',
    'ip6tables-restore',
  ])
    linkOnce(join(bin, 'xtables-nft-multi'), join(bin, name));
  const libraries = readdirSync(join(root, 'usr/lib'))
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(root, 'usr/lib', name))
    .join(':');
  const version = /docker\.io_([^_+~-]+)/.exec(readdirSync(deb).join(' '))?.[1] ?? basename(folder);
  writeFileSync(join(folder, 'installed.json'), JSON.stringify({ version, libraries }));
  rmSync(deb, { recursive: true, force: true });
  return { folder, bin, libraries, version };
}

function linkOnce(target: string, path: string): void {
  if (!existsSync(path)) symlinkSync(target, path);
}
