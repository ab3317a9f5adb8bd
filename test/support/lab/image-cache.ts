import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { holdLock } from '../../../src/private-engine/hold-lock.ts';
import { runCommand } from '../../../src/private-engine/run-command.ts';
import { appServerTar } from './app-server.ts';
import { busyboxTar } from './busybox-image.ts';
import { addImage, addLayer } from './registry-storage.ts';
import { makeServerRoot, POSTGRES_PATH } from './server-root.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Images that are made once and kept as the storage of a registry. The number changes with what is in them. */
const SETS = {
  small: { folder: 'images-small-1', make: makeSmall },
  servers: { folder: 'images-servers-1', make: makeServers },
} as const;
export type ImageSet = keyof typeof SETS;

/** The images of real servers: made only for tests that need them. */
export const SERVER_IMAGES = ['redis:7', 'postgres:16', 'nginx:latest', 'myapp:latest'];

/** Put a set of images into the storage of a registry, making it first if the cache has none. */
export async function putImages(
  set: ImageSet,
  options: {
    readonly storage: string;
    readonly cache: string;
    readonly busybox: string;
    readonly say: (line: string) => void;
  },
): Promise<void> {
  const { storage, cache, busybox, say } = options;
  const kept = join(cache, SETS[set].folder);
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true });
    await using _lock = await holdLock(`${kept}.lock`);
    if (!existsSync(kept)) await makeKept(set, kept, busybox, say);
  }
  mkdirSync(storage, { recursive: true });
  // Blobs are never rewritten, so they are linked where the disk is the same; the small files that name them are copied.
  const from = join(kept, 'docker');
  await runCommand('cp', ['-alf', from, storage]).catch(() => runCommand('cp', ['-a', from, storage]));
  const names = 'docker/registry/v2/repositories';
  await runCommand('cp', [
    '-a',
    '--remove-destination',
    join(kept, names),
    join(storage, 'docker/registry/v2'),
  ]);
}

async function makeKept(
  set: ImageSet,
  kept: string,
  busybox: string,
  say: (line: string) => void,
): Promise<void> {
  const made = `${kept}.part`;
  const work = `${kept}.work`;
  const clear = (): void => {
    for (const path of [made, work]) rmSync(path, { recursive: true, force: true });
  };
  clear();
  mkdirSync(made);
  mkdirSync(work);
  try {
    await SETS[set].make({ storage: made, work, busybox, say });
    renameSync(made, kept);
  } finally {
    clear();
  }
}

interface Making {
  readonly storage: string;
  readonly work: string;
  readonly busybox: string;
  readonly say: (line: string) => void;
}

/** alpine and busybox: the same small image of a static busybox. */
async function makeSmall({ storage, work, busybox }: Making): Promise<void> {
  const tar = join(work, 'busybox.tar');
  await pipeline(Readable.from(busyboxTar(busybox)), createWriteStream(tar));
  const layer = await addLayer(storage, tar);
  for (const name of ['library/alpine:latest', 'library/busybox:latest'])
    addImage(storage, name, [layer], { Cmd: ['sh'], Env: ['PATH=/bin'] });
}

async function makeServers({ storage, work, say }: Making): Promise<void> {
  say('Making images of real servers (redis, postgres, nginx) from the packages of this system; debootstrap');
  say('is installed for it. This is done once and takes a minute or two.');
  const tar = join(work, 'root.tar');
  await makeServerRoot(work, tar);
  const root = await addLayer(storage, tar);
  const appTar = join(work, 'app.tar');
  await pipeline(Readable.from(appServerTar()), createWriteStream(appTar));
  const app = await addLayer(storage, appTar);
  const postgres = { Env: [`PATH=${POSTGRES_PATH}:${PATH}`, 'PGDATA=/var/lib/postgresql/data'] };
  addImage(storage, 'library/redis:7', [root], {
    Entrypoint: ['redis-entrypoint'],
    Cmd: ['redis-server'],
    Env: [`PATH=${PATH}`],
    WorkingDir: '/data',
    Volumes: { '/data': {} },
  });
  addImage(storage, 'library/postgres:16', [root], {
    ...postgres,
    Entrypoint: ['postgres-entrypoint'],
    Cmd: ['postgres'],
    StopSignal: 'SIGINT',
    Volumes: { '/var/lib/postgresql/data': {} },
  });
  addImage(storage, 'library/nginx:latest', [root], {
    Cmd: ['nginx', '-g', 'daemon off;'],
    Env: [`PATH=${PATH}`],
    StopSignal: 'SIGQUIT',
  });
  addImage(storage, 'library/myapp:latest', [root, app], {
    ...postgres,
    WorkingDir: '/app',
    Cmd: ['./server'],
  });
}
