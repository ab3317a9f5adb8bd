import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { packContext } from '../../src/build/pack-context.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;
const labels = { 'berth-test': 'build-options' };
const images = () => app.contract.open('userspace.docker:images');

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  folder = await aFolder();
  app = await createApp({ engine: host, state: join(folder.path, '.berth') });
}, 120_000);

afterAll(async () => {
  await images().prune({ all: true, labels });
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

type Request = Parameters<ReturnType<typeof images>['build']>[0];

async function built(request: Request) {
  const { build_id } = await images().build({ labels, ...request });
  const { status, log, error } = await images().build_status({ build_id, wait: true });
  const steps: string[] = [];
  for (const event of await app.house.journal.read(build_id, 1, 1000))
    if (event.type === 'step' && event.status !== 'started') steps.push(`${event.status}: ${event.name}`);
  return { status, log, error, steps };
}
const rawImage = async (name: string) => (await engine.ask('GET', `/images/${name}/json`)).body;

test.each(['buildkit', 'classic'] as const)(
  'what is remote is fetched by the engine: a tar, a Dockerfile, a git repository and a folder of it (%s)',
  async (builder) => {
    const files = [
      { path: 'Dockerfile', content: 'FROM busybox:latest\nCOPY word /word\nRUN cat /word\n' },
      { path: 'word', content: 'from afar\n' },
    ];
    await using server = createServer((request, response) => {
      if (request.url === '/Dockerfile') return response.end('FROM busybox:latest\nRUN echo alone\n');
      response.setHeader('content-type', 'application/x-tar');
      const entries = files.map((file) => ({ ...file, kind: 'text' as const, mode: 0o644 }));
      return Readable.from(packContext({ entries })).pipe(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const http = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const name = 'berth-test/remote';
    for (const [path, said] of [
      ['Dockerfile', 'alone'],
      ['context.tar', 'from afar'],
    ] as const)
      expect(await built({ name, remote: `${http}/${path}`, builder, no_cache: true })).toMatchObject({
        status: 'succeeded',
        log: expect.arrayContaining([said]),
      });

    const repositories = await aFolder();
    const git = (...words: string[]): string =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...words], {
        cwd: repositories.path,
        encoding: 'utf8',
      });
    git('init', '-q', '-b', 'main', 'one');
    await mkdir(join(repositories.path, 'one/sub'));
    for (const { path, content } of files)
      for (const place of ['one', 'one/sub']) await writeFile(join(repositories.path, place, path), content);
    git('-C', 'one', 'add', '-A');
    git('-C', 'one', 'commit', '-q', '-m', 'one');
    const port = await freePort();
    const daemon = spawn(
      'git',
      ['daemon', '--export-all', `--port=${port}`, '--listen=127.0.0.1', `--base-path=${repositories.path}`],
      { stdio: 'ignore' },
    );
    try {
      await eventually(() => git('ls-remote', `git://127.0.0.1:${port}/one`));
      // The BuildKit of old engines (seen in 20.10) takes whole repositories only.
      const { body } = await engine.ask('GET', '/version');
      const minor = Number((body as { readonly ApiVersion: string }).ApiVersion.split('.')[1]);
      const place = builder === 'buildkit' && minor < 42 ? '' : ':sub';
      const remote = `git://127.0.0.1:${port}/one#main${place}`;
      expect(await built({ name, remote, builder, no_cache: true })).toMatchObject({
        status: 'succeeded',
        log: expect.arrayContaining(['from afar']),
      });
      expect(await rawImage(`${name}:latest`)).toMatchObject({ Config: { Labels: labels } });
      expect(await built({ name, remote: `git://127.0.0.1:${port}/none`, builder })).toMatchObject({
        status: 'failed',
        error: { code: 'image_build_failed' },
      });
    } finally {
      daemon.kill();
      await once(daemon, 'close');
      await repositories[Symbol.asyncDispose]();
    }
  },
  120_000,
);

test.each(['buildkit', 'classic'] as const)(
  'steps have the network and the names that are asked for (%s)',
  async (builder) => {
    const dockerfile =
      'FROM busybox:latest\nRUN grep far.example /etc/hosts; ls /sys/class/net | grep -c eth || true\n';
    const asked = { name: 'berth-test/steps', dockerfile, builder, no_cache: true };
    const connected = await built({ ...asked, extra_hosts: ['far.example=10.9.8.7'] });
    expect(connected.log.join(' ')).toMatch(/10\.9\.8\.7\s+far\.example/);
    expect(connected.log).toContain('1');
    expect((await built({ ...asked, network: 'none' })).log).toContain('0');
  },
  60_000,
);

test('an image is built for the platform that is asked for', async () => {
  const files = [{ path: 'one', content: '1' }];
  const request = { name: 'berth-test/platform', dockerfile: 'FROM scratch\nCOPY one /one\n', files };
  expect(await built({ ...request, platform: 'linux/arm64' })).toMatchObject({ status: 'succeeded' });
  expect(await rawImage('berth-test/platform:latest')).toMatchObject({ Os: 'linux', Architecture: 'arm64' });
}, 60_000);

test('only what is named as a source of the cache is one', async () => {
  const dockerfile = `FROM busybox:latest\nRUN echo cached ${Date.now()}\n`;
  const request = { name: 'berth-test/cache:1', dockerfile, builder: 'classic' } as const;
  const run = (steps: readonly string[]) => steps.filter((step) => step.includes('RUN echo'));
  expect(run((await built(request)).steps)).toEqual([expect.stringMatching(/^done: /)]);
  const again = { ...request, name: 'berth-test/cache:2' };
  const from = async (...cache_from: string[]) => run((await built({ ...again, cache_from })).steps);
  expect(await from('busybox:latest')).toEqual([expect.stringMatching(/^done: /)]);
  expect(await from('berth-test/cache:1')).toEqual([expect.stringMatching(/^cached: /)]);
  const asked = await built({ ...again, builder: 'buildkit', cache_from: ['127.0.0.1:5000/no-cache:1'] });
  expect(asked.status).toBe('succeeded');
  expect(asked.steps.join('\n')).toContain('importing cache manifest from 127.0.0.1:5000/no-cache:1');
}, 60_000);

test('a step of the classic builder runs within the limits that are given', async () => {
  const request = {
    name: 'berth-test/limits',
    dockerfile: 'FROM busybox:latest\nRUN echo within limits\n',
    builder: 'classic',
    rm: false,
    no_cache: true,
    memory: '96m',
    memory_swap: '128m',
    shm_size: '32m',
    cpu: { shares: 512, set: '0', period: 50_000, quota: 25_000 },
  } as const;
  expect(await built(request)).toMatchObject({ status: 'succeeded' });
  const { body } = await engine.ask('GET', '/containers/json?all=1');
  const all = body as readonly { readonly Id: string; readonly Command: string }[];
  const step = all.find(({ Command }) => Command.includes('within limits'))?.Id;
  try {
    expect((await engine.ask('GET', `/containers/${step}/json`)).body).toMatchObject({
      HostConfig: {
        Memory: 96 * 1024 * 1024,
        MemorySwap: 128 * 1024 * 1024,
        ShmSize: 32 * 1024 * 1024,
        CpuShares: 512,
        CpusetCpus: '0',
        CpuPeriod: 50_000,
        CpuQuota: 25_000,
      },
    });
  } finally {
    await engine.ask('DELETE', `/containers/${step}?force=1`);
  }
}, 60_000);
