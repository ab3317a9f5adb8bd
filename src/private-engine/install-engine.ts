import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { holdLock } from './hold-lock.ts';
import { downloadPackages, knownPackages, newerPackages, ownPackages, type Packages } from './packages.ts';
import { runCommand } from './run-command.ts';
import { requireSystem } from './system.ts';

/** `new`: the newest that runs here; `distribution`: the one of this system’s own release. */
export type Lane = 'new' | 'distribution';

export interface InstalledEngine {
  readonly folder: string;
  /** For PATH. */
  readonly bin: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
  readonly version: string;
  /** What was unpacked. */
  readonly packages: readonly string[];
}

export interface InstallOptions {
  readonly folder: string;
  readonly lane: Lane;
  /** Packages of the system’s release to unpack beside the engine. */
  readonly more?: readonly string[];
  /** Packages of the engine’s own release to unpack beside it. */
  readonly alongside?: readonly string[];
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

const ENGINE = ['docker.io', 'containerd', 'tini'];
/** Always of the system’s own release: newer ones want a newer libc. */
const COMPANIONS = ['runc', 'busybox-static', 'iptables'];
const LIBRARIES = [
  'libip4tc2',
  'libip6tc2',
  'libxtables12',
  'libnftnl11',
  'libnetfilter-conntrack3',
  'libnfnetlink0',
  'libmnl0',
];
/** The release whose engine runs on an older one, too. */
const NEWER = { on: 'bookworm', from: 'trixie' };
/** One program under several names. */
const XTABLES = ['iptables', 'iptables-save', 'iptables-restore'].flatMap((name) => [
  name,
  name.replace('ip', 'ip6'),
]);

/** What was installed there before; undefined when nothing, or not wholly. */
export function installedEngine(folder: string): InstalledEngine | undefined {
  const path = join(folder, 'installed.json');
  if (!existsSync(path)) return undefined;
  const { version, libraries, packages } = JSON.parse(readFileSync(path, 'utf8')) as Partial<InstalledEngine>;
  if (version === undefined || libraries === undefined || packages === undefined) return undefined;
  return { folder, bin: join(folder, 'bin'), version, libraries, packages };
}

/**
 * An engine unpacked into a folder of its own from Debian’s or Ubuntu’s packages: nothing of the system is touched. Idempotent,
 * and safe against another process doing the same. Throws unsupported (not root, another system), engine_failed (the packages).
 */
export async function installEngine(options: InstallOptions): Promise<InstalledEngine> {
  const { folder, lane, more = [], alongside = [], say, signal } = options;
  const system = requireSystem();
  mkdirSync(folder, { recursive: true });
  await using _lock = await holdLock(join(folder, 'lock'), signal);
  const before = installedEngine(folder);
  const has = new Set(before?.packages);
  const missing = [...ENGINE, ...alongside, ...COMPANIONS, ...more].filter((name) => !has.has(name));
  if (before !== undefined && missing.length === 0) return before;
  say(
    `Downloading ${missing.join(', ')} from the packages of ${system.id} into ${folder}; the system itself is left as it is.`,
  );
  const own = await ownPackages(join(folder, 'apt'), system, signal);
  const newer =
    lane === 'new' && system.id === 'debian' && system.codename === NEWER.on
      ? await newerPackages(join(folder, 'apt'), own, NEWER.from, signal)
      : own;
  const deb = join(folder, 'deb');
  rmSync(deb, { recursive: true, force: true });
  mkdirSync(deb, { recursive: true });
  await downloadAll(missing, { own, newer, alongside }, deb, signal);
  // The lock is held until it has ended.
  return await unpack(folder, deb, [...has, ...missing], signal);
}

async function downloadAll(
  missing: readonly string[],
  {
    own,
    newer,
    alongside,
  }: { readonly own: Packages; readonly newer: Packages; readonly alongside: readonly string[] },
  deb: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isEngine = (name: string): boolean => ENGINE.includes(name) || alongside.includes(name);
  const libraries = missing.includes('iptables') ? await knownPackages(own, LIBRARIES) : [];
  await downloadPackages(newer, missing.filter(isEngine), deb, signal);
  await downloadPackages(own, [...missing.filter((name) => !isEngine(name)), ...libraries], deb, signal);
}

async function unpack(
  folder: string,
  deb: string,
  packages: readonly string[],
  signal: AbortSignal | undefined,
): Promise<InstalledEngine> {
  const root = join(folder, 'root');
  const files = readdirSync(deb);
  for (const name of files) await runCommand('dpkg', ['-x', join(deb, name), root], { signal });
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const place of ['usr/sbin', 'sbin', 'usr/bin', 'bin', 'usr/libexec/docker'])
    for (const name of listed(join(root, place))) linkOnce(join(root, place, name), join(bin, name));
  for (const name of XTABLES) linkOnce(join(bin, 'xtables-nft-multi'), join(bin, name));
  const libraries = listed(join(root, 'usr/lib'))
    .filter((name) => name.includes('-linux-gnu'))
    .map((name) => join(root, 'usr/lib', name))
    .join(':');
  const version =
    /docker\.io_([^_+~-]+)/.exec(files.join(' '))?.[1] ?? installedEngine(folder)?.version ?? '';
  const made = { version, libraries, packages: [...packages] };
  writeFileSync(join(folder, 'installed.json.part'), JSON.stringify(made));
  renameSync(join(folder, 'installed.json.part'), join(folder, 'installed.json'));
  rmSync(deb, { recursive: true, force: true });
  return { folder, bin, ...made };
}

function listed(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

function linkOnce(target: string, path: string): void {
  if (!existsSync(path)) symlinkSync(target, path);
}
