import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type InstalledEngine,
  installEngine,
  type Lane,
} from '../../../src/private-engine/install-engine.ts';
import { runCommand } from '../../../src/private-engine/run-command.ts';
import { engineEnvironment, startEngine, stopEngine } from '../../../src/private-engine/start-engine.ts';
import { rawEngine } from '../raw-engine.ts';
import { busyboxTar } from './busybox-image.ts';
import { loadServers, serverImages } from './server-images.ts';

export const REGISTRY = '127.0.0.1:5000';

/** One engine with its registry in a network namespace of its own, for one run of the tests. */
export interface Lab {
  readonly netns: string;
  readonly socket: string;
  readonly folder: string;
  readonly installed: InstalledEngine;
  stop(): Promise<void>;
}

export const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'berth-test');

export async function startLab(options: {
  readonly lane: Lane;
  readonly servers: boolean;
  readonly say: (line: string) => void;
  readonly artifacts: string;
}): Promise<Lab> {
  const { lane, servers, say, artifacts } = options;
  const installed = await installEngine({
    folder: join(cacheFolder(), `engine-${lane}`),
    lane,
    more: ['docker-registry'],
    say,
  });
  if (!(await has('ip'))) {
    say('Installing iproute2, for network namespaces.');
    await runCommand('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'iproute2']);
  }
  const serverTar = servers ? await serverImages(cacheFolder(), say) : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'berth-lab-'));
  const netns = `berth${process.pid}${lane === 'new' ? 'n' : 'd'}`;
  const socket = join(folder, 'docker.sock');
  let registry: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    await stopEngine(join(folder, 'state'), socket).catch((error: unknown) =>
      say(`the engine did not stop: ${String(error)}`),
    );
    registry?.kill('SIGTERM');
    keep(join(folder, 'state/dockerd.log'), join(artifacts, `dockerd-${lane}.log`));
    endShims(folder);
    await unmountBelow(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    await runCommand('ip', ['netns', 'del', netns]).catch((error: unknown) => say(String(error)));
  };
  try {
    await runCommand('ip', ['netns', 'add', netns]);
    await runCommand('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
    registry = startRegistry(installed, folder, netns);
    await startEngine({
      installed,
      state: join(folder, 'state'),
      socket,
      netns,
      environment: process.env,
      words: [
        '--registry-mirror',
        `http://${REGISTRY}`,
        '--shutdown-timeout',
        '5',
        '--storage-driver',
        'overlay2',
      ],
    });
    await publishBusybox(socket, installed);
    if (serverTar !== undefined) await loadServers(socket, serverTar);
    return { netns, socket, folder, installed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function has(program: string): Promise<boolean> {
  return runCommand('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );
}

function startRegistry(installed: InstalledEngine, folder: string, netns: string): ChildProcess {
  const data = join(folder, 'registry');
  mkdirSync(data);
  const config = join(folder, 'registry.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${data}}, delete: {enabled: true}}\nhttp: {addr: ${REGISTRY}}\n`,
  );
  return spawn(
    'nsenter',
    [`--net=/var/run/netns/${netns}`, join(installed.bin, 'docker-registry'), 'serve', config],
    { stdio: 'ignore', env: engineEnvironment(installed, process.env) },
  );
}

/** alpine and busybox, as plain names through the mirror: the same small image of a static busybox. */
async function publishBusybox(socket: string, installed: InstalledEngine): Promise<void> {
  const engine = rawEngine(socket);
  await engine.upload(
    '/images/create?fromSrc=-&repo=berth-test/busybox&tag=latest&changes=ENV%20PATH%3D/bin&changes=CMD%20%5B%22sh%22%5D',
    busyboxTar(join(installed.bin, 'busybox')),
  );
  for (const name of ['alpine', 'busybox']) {
    await engine.ask('POST', `/images/berth-test/busybox/tag?repo=${REGISTRY}/library/${name}&tag=latest`);
    let said = '';
    for (let tries = 0; tries < 50 && !/digest: sha256/.test(said); tries++) {
      said = String(
        (
          await engine.ask('POST', `/images/${REGISTRY}/library/${name}/push?tag=latest`, undefined, {
            'X-Registry-Auth': Buffer.from('{}').toString('base64'),
          })
        ).body,
      );
      if (!/digest: sha256/.test(said)) await new Promise((resolve) => setTimeout(resolve, 200));
    }
    if (!/digest: sha256/.test(said))
      throw new Error(`the test image could not be pushed: ${said.slice(-500)}`);
    await engine.ask('DELETE', `/images/${REGISTRY}/library/${name}:latest`);
  }
  await engine.ask('DELETE', '/images/berth-test/busybox:latest');
}

/** Shims of containers that an engine left when it was killed: ours, since their command line names our folder. */
function endShims(folder: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (words.includes('containerd-shim') && words.includes(folder)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function unmountBelow(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) await runCommand('umount', ['-l', path]).catch(() => undefined);
}

function keep(from: string, to: string): void {
  if (!existsSync(from)) return;
  writeFileSync(to, readFileSync(from));
}
