import { containers } from '../../contracts/containers.ts';
import type { Contract } from '../../contracts/contract.ts';
import { groups } from '../../contracts/groups.ts';
import { images } from '../../contracts/images.ts';
import { networks } from '../../contracts/networks.ts';
import { volumes } from '../../contracts/volumes.ts';
import { connect } from '../connect.ts';
import { CONTRACTS } from '../dispatch/client.ts';
import { readConfig } from '../runtime/config.ts';
import { runningDaemon } from '../runtime/daemon-lock.ts';
import { findStateFolder, stateFolder } from '../runtime/state-folder.ts';
import { complete, type NameKind } from './completion/candidates.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';
import type { Session } from './session.ts';

/** Whoever waits at a prompt is not kept waiting for longer. */
const NAMES_MS = 2000;

/** `berth __complete -- WORD…`: what could stand in place of the last word, a line each. What fails says nothing. */
export async function completeLine(words: readonly string[], io: Io): Promise<void> {
  const given = words[0] === '--' ? words.slice(1) : words;
  const deps = new Proxy({} as never, { get: () => undefined });
  const { signal } = new AbortController();
  const program = createProgram({ io, deps, signal }, '', () => undefined);
  const contracts: readonly Contract[] = Object.values(CONTRACTS);
  const { candidates, files } = await complete(given, {
    program,
    contracts,
    names: (kind) => namesOf(kind, stateIn(given)),
  });
  for (const { word, meaning = '' } of candidates)
    io.out(meaning === '' ? `${word}\n` : `${word}\t${meaning.replaceAll(/\s+/g, ' ')}\n`);
  if (files) io.out(':files\n');
}

function stateIn(words: readonly string[]): string | undefined {
  const at = words.indexOf('--state');
  return at < 0 ? words.find((word) => word.startsWith('--state='))?.slice('--state='.length) : words[at + 1];
}

/** None when nobody can be asked, or the answer does not come in time. */
async function namesOf(kind: NameKind, state: string | undefined): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(NAMES_MS);
  try {
    const session = await open(state, signal);
    try {
      return await LISTS[kind](session, signal);
    } finally {
      await session.close();
    }
  } catch {
    return [];
  }
}

type Asked = Pick<Session, 'open' | 'close'>;

/** The daemon when one runs, which is the quicker; else the database. */
async function open(state: string | undefined, signal: AbortSignal): Promise<Asked> {
  const config = readConfig();
  const folder = stateFolder(state ?? config.state ?? findStateFolder('.'), config.socket_dir);
  if (runningDaemon(folder.lock) !== undefined) {
    const { contract, close } = await connect(folder.socket);
    return { open: (wanted) => contract.open(wanted), close };
  }
  const { createDeps } = await import('./create-deps.ts');
  return await createDeps({ signal, level: 'silent' }).session(state === undefined ? {} : { state });
}

type Lists = {
  readonly [K in NameKind]: (session: Asked, signal: AbortSignal) => Promise<readonly string[]>;
};

const LISTS: Lists = {
  container: async (session, signal) => {
    const found = await session.open(containers).list({ limit: 1000 }, { signal });
    return found.containers.map(({ name }) => name);
  },
  group: async (session, signal) =>
    (await session.open(groups).list({}, { signal })).groups.map(({ group }) => group),
  network: async (session, signal) =>
    (await session.open(networks).list({}, { signal })).networks.map(({ name }) => name),
  volume: async (session, signal) =>
    (await session.open(volumes).list({}, { signal })).volumes.map(({ name }) => name),
  image: async (session, signal) =>
    (await session.open(images).list({}, { signal })).images.flatMap(({ tags }) => tags),
};
