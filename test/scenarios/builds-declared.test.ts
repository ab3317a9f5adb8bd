import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
}, 120_000);
afterAll(() => berth[Symbol.asyncDispose]());

const lines = async (): Promise<string> => (await berth.run('logs', 'built_app')).out;

test('an entry’s image is built before its container is made, and anew when its context changes; a plan says so, and then nothing', async () => {
  await berth.write(
    'app/web/Dockerfile',
    'FROM busybox:latest\nRUN --mount=type=secret,id=token grep -q sesame /run/secrets/token\nCOPY word /word\nCMD ["sh", "-c", "cat /word; sleep 3600"]\n',
  );
  await berth.write('app/web/word', 'first\n');
  await berth.write('app/token', 'open sesame\n');
  await berth.write(
    'app/_index.yaml',
    `namespace: app
entries:
  - name: built_app
    kind: registry.entry
    meta: { type: docker.container }
    build: { context: ./web, secrets: [{ id: token, file: ./token }] }
    stop_timeout: 0
`,
  );
  const plan = async (): Promise<string> => {
    const { out, err } = await berth.run('plan', berth.registry);
    return out + err;
  };
  expect(await plan()).toContain('build_image');
  const up = await berth.up();
  await berth.until('built_app', ({ status }) => status === 'running');
  await eventually(async () => expect(await lines()).toContain('first'));
  const before = await engine.container('built_app');
  expect(before?.Config.Image).toBe('berth-build/app-built-app:latest');
  expect(await plan()).not.toContain('build_image');

  // Berth sees a change by itself; while it is down, a plan tells what it would do.
  await berth.write('app/web/word', 'second\n');
  await eventually(async () => expect(await lines()).toContain('second'));
  up.kill('SIGTERM');
  await up.ended;
  await berth.write('app/web/word', 'third\n');
  expect(await plan()).toContain('build_image');
  await berth.up();
  await eventually(async () => expect(await lines()).toContain('third'));
  const after = await engine.container('built_app');
  expect(after?.Id).not.toBe(before?.Id);
  expect(await plan()).not.toContain('build_image');
}, 120_000);
