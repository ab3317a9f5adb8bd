import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { engineEnvironment } from '../../../src/private-engine/engine-environment.ts';
import {
  type InstalledEngine,
  installEngine,
  type Lane,
} from '../../../src/private-engine/install-engine.ts';
import { endLeftovers, unmountBelow } from '../../../src/private-engine/leftovers.ts';
import { startEngine } from '../../../src/private-engine/start-engine.ts';
import { stopEngine } from '../../../src/private-engine/stop-engine.ts';
import { type ImageSet, putImages } from './image-cache.ts';
import { makeNetns } from './netns.ts';
import { describeProcess, killQuietly, processesIn, processesNaming, strangersAmong } from './processes.ts';
import { sweepDeadLabs, writeOwner } from './sweep.ts';

/** Where the registry of a lab answers, and the mirror that its engine pulls plain names from. */
export const REGISTRY = '127.0.0.1:5000';
const GRACE_MS = 15_000;
/** What names complete in besides bash: eight megabytes to download, with the libraries that a bare machine need not have. */
const SHELLS = ['zsh', 'zsh-common', 'fish', 'fish-common', 'libpcre2-32-0', 'libcap2'];
/** Packages that the tests need beside an engine. */
export const BESIDE = [
  'docker-registry',
  'openssh-server',
  'openssh-client',
  'libwrap0',
  'openssl',
  ...SHELLS,
];

/** One engine with its registry in a network namespace of its own, for one run of the tests. */
export interface Lab {
  readonly folder: string;
  /** The file that holds the network namespace. */
  readonly netns: string;
  readonly socket: string;
  readonly installed: InstalledEngine;
  /** Processes that the tests left running, once they had time to end; a line each. */
  leftBehind(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface LabOptions {
  readonly lane: Lane;
  readonly images: readonly ImageSet[];
  readonly say: (line: string) => void;
  /** Where the logs of the engine and the registry go at the end. */
  readonly artifacts: string;
  readonly signal: AbortSignal;
}

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'berth-test');
}

export async function startLab({ lane, images, say, artifacts, signal }: LabOptions): Promise<Lab> {
  const cache = cacheFolder();
  const installed = await installEngine({
    folder: join(cache, `engine-${lane}`),
    lane,
    // Compose files are run by Docker's own, too. Older releases have another Compose.
    alongside: lane === 'new' ? ['docker-cli', 'docker-compose'] : [],
    more: BESIDE,
    say,
    signal,
  });
  await sweepDeadLabs(tmpdir(), join(cache, 'sweep.lock'), endLab);
  const folder = mkdtempSync(join(tmpdir(), 'berth-lab-'));
  writeOwner(folder);
  const { netns, socket, state } = placesIn(folder);
  const busybox = join(installed.bin, 'busybox');
  const stop = async (): Promise<void> => {
    for (const log of ['state/dockerd.log', 'registry.log'])
      if (existsSync(join(folder, log)))
        copyFileSync(join(folder, log), join(artifacts, `${lane}-${log.replace('state/', '')}`));
    await endLab(folder);
  };
  try {
    const storage = join(folder, 'registry');
    for (const set of images) await putImages(set, { storage, cache, busybox, say });
    await makeNetns(netns, busybox);
    startRegistry(installed, folder);
    await startEngine({
      installed,
      state,
      socket,
      netns,
      environment: process.env,
      words: ['--registry-mirror', `http://${REGISTRY}`, '--shutdown-timeout', '5'],
      signal,
    });
    return { folder, netns, socket, installed, leftBehind: () => leftBehind(folder), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** End all that belongs to a lab’s folder, and remove it; whoever started it. */
export async function endLab(folder: string): Promise<void> {
  const { netns, socket, state } = placesIn(folder);
  await stopEngine(state, socket);
  await endLeftovers(state);
  // Engines of tests that were killed before they could end them.
  for (const own of readdirSync(folder).filter((name) => name.startsWith('own-'))) {
    await stopEngine(join(folder, own), join(folder, own, 'docker.sock'));
    await endLeftovers(join(folder, own));
  }
  if (existsSync(netns)) for (const pid of processesIn(netns)) killQuietly(pid, 'SIGKILL');
  await unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function placesIn(folder: string): Readonly<Record<'netns' | 'socket' | 'state' | 'config', string>> {
  return {
    netns: join(folder, 'netns'),
    socket: join(folder, 'docker.sock'),
    state: join(folder, 'state'),
    config: join(folder, 'registry.yml'),
  };
}

function startRegistry(installed: InstalledEngine, folder: string): void {
  const { netns, config } = placesIn(folder);
  writeFileSync(
    config,
    `version: 0.1
log: { level: warn }
storage: { filesystem: { rootdirectory: ${join(folder, 'registry')} }, delete: { enabled: true } }
http: { addr: '${REGISTRY}' }
`,
  );
  const log = openSync(join(folder, 'registry.log'), 'a');
  spawn('nsenter', [`--net=${netns}`, join(installed.bin, 'docker-registry'), 'serve', config], {
    stdio: ['ignore', log, log],
    detached: true,
    env: engineEnvironment(installed, process.env),
  }).unref();
  closeSync(log);
}

/** Everything in the namespace that came neither from the lab’s engine nor from its registry. */
async function leftBehind(folder: string): Promise<readonly string[]> {
  const { netns, state, config } = placesIn(folder);
  const end = performance.now() + GRACE_MS;
  for (;;) {
    const left = strangersAmong(processesIn(netns), processesNaming(state, config));
    if (left.length === 0 || performance.now() > end) return left.map(describeProcess);
    await pause(100);
  }
}
