import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineOf } from '../../src/private-engine/engine-process.ts';
import { type InstalledEngine, installEngine } from '../../src/private-engine/install-engine.ts';
import { endLeftovers, unmountBelow } from '../../src/private-engine/leftovers.ts';
import { startEngine } from '../../src/private-engine/start-engine.ts';
import { stopEngine } from '../../src/private-engine/stop-engine.ts';
import { eventually } from './eventually.ts';
import { makeBridge } from './lab/bridge.ts';
import { BESIDE, cacheFolder, REGISTRY } from './lab/lab.ts';

/** A dockerd of the test’s own, to be killed, stopped and frozen. Its containers reach no other engine’s, nor the world. */
export interface OwnEngine extends AsyncDisposable {
  readonly host: string;
  readonly socket_path: string;
  /** Where its state, its log (dockerd.log) and its pid file are. */
  readonly state: string;
  /** The words that give dockerd its network. */
  readonly network: readonly string[];
  /** Of its dockerd; throws when it does not run. */
  pid(): number;
  /** kill -9 of dockerd. With live_restore the containers go on. */
  kill(): Promise<void>;
  /** Asked to end. Without live_restore its containers end with it. */
  stop(): Promise<void>;
  /** Start it again on the same state, and wait until it answers. */
  start(): Promise<void>;
  /** SIGSTOP: it accepts connections, and answers nothing. */
  freeze(): Promise<void>;
  thaw(): void;
}

export interface OwnEngineOptions {
  /** Containers outlive their dockerd. */
  readonly live_restore?: boolean;
  /** More words for dockerd. */
  readonly words?: readonly string[];
}

/** Start an engine beside the run’s own. It pulls what the run’s registry has; all of it goes when it is disposed of. */
export async function ownEngine({
  live_restore = false,
  words = [],
}: OwnEngineOptions = {}): Promise<OwnEngine> {
  const { installed, folder } = await theLab();
  const state = mkdtempSync(join(folder, 'own-'));
  const socket = join(state, 'docker.sock');
  const bridge = await makeBridge(join(installed.bin, 'busybox'));
  // The rules belong to the other engine of this network namespace.
  const network = [...bridge.words, '--iptables=false'];
  const all = [
    ...network,
    '--shutdown-timeout=5',
    `--registry-mirror=http://${REGISTRY}`,
    ...(live_restore ? ['--live-restore'] : []),
    ...words,
  ];
  const start = async (): Promise<void> =>
    void (await startEngine({ installed, state, socket, environment: process.env, words: all }));
  const dispose = async (): Promise<void> => {
    await removeEngine(state, socket);
    if (existsSync(state)) await bridge.remove();
    rmSync(state, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  const handle = { host: `unix://${socket}`, socket_path: socket, state, network };
  return { ...handle, ...controls(state, socket), start, [Symbol.asyncDispose]: dispose };
}

/** What a test may do to a dockerd that runs. */
function controls(
  state: string,
  socket: string,
): Pick<OwnEngine, 'pid' | 'stop' | 'kill' | 'freeze' | 'thaw'> {
  const pid = (): number => {
    const running = engineOf(state, socket);
    if (running === undefined) throw new Error('the own engine does not run');
    return running.pid;
  };
  return {
    pid,
    stop: () => stopEngine(state, socket),
    kill: async () => {
      const containerd = readFileSync(join(state, 'exec/containerd/containerd.pid'), 'utf8');
      process.kill(pid(), 'SIGKILL');
      await eventually(() => {
        if (engineOf(state, socket) !== undefined) throw new Error('dockerd lives');
        // It dies with its dockerd; the next dockerd would wait ten seconds for one that nobody has reaped yet.
        if (existsSync(`/proc/${containerd}`)) throw new Error('containerd lives');
      });
    },
    freeze: async () => {
      process.kill(pid(), 'SIGSTOP');
      await eventually(() => {
        if (!/^\d+ \(.*\) T/s.test(readFileSync(`/proc/${pid()}/stat`, 'utf8')))
          throw new Error('dockerd goes on');
      });
    },
    thaw: () => void process.kill(pid(), 'SIGCONT'),
  };
}

async function removeEngine(state: string, socket: string): Promise<void> {
  const running = engineOf(state, socket);
  if (running !== undefined) process.kill(running.pid, 'SIGCONT');
  await stopEngine(state, socket);
  await endLeftovers(state);
  await unmountBelow(state);
}

/** What the runner says about this run; on an engine given by the user, an engine is installed into the cache. */
export async function theLab(): Promise<{ readonly installed: InstalledEngine; readonly folder: string }> {
  const told = process.env['BERTH_TEST_LAB'];
  if (told !== undefined) return JSON.parse(told) as { installed: InstalledEngine; folder: string };
  const installed = await installEngine({
    folder: join(cacheFolder(), 'engine-new'),
    more: BESIDE,
    lane: 'new',
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  return { installed, folder: tmpdir() };
}
