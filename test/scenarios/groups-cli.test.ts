import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { engineEvents } from '../support/engine-events.ts';
import { eventually } from '../support/eventually.ts';
import { moveATag } from '../support/move-a-tag.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;

/** Nobody else’s, so that nobody else moves its tag. */
const REPOSITORY = `127.0.0.1:5000/gcli/${Date.now()}`;
const BASE = `${REPOSITORY}/base:1`;

const member = (name: string, ...more: string[]): string => `  - name: ${name}
    kind: registry.entry
    meta: { type: docker.container }
    group: gcli
    image: ${BASE}
    command: sleep 3600
    stop_timeout: 0
${more.map((line) => `    ${line}\n`).join('')}`;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  await engine.ask('POST', `/images/busybox:latest/tag?repo=${BASE.slice(0, -2)}&tag=1`);
  const nobody = { 'x-registry-auth': Buffer.from('{}').toString('base64') };
  const { body } = await engine.ask('POST', `/images/${BASE.slice(0, -2)}/push?tag=1`, undefined, nobody);
  expect(String(body)).not.toContain('error');
  berth = await aBerthFolder(host);
  const web = member(
    'gcli_web',
    'replicas: 1',
    'ports: [{ container: 80 }]',
    'update_config: { monitor: 100ms }',
  );
  await berth.write('one/_index.yaml', `namespace: gcli\nentries:\n${web}${member('gcli_db')}`);
  await berth.up();
  await eventually(async () => {
    const { out } = await berth.run('status', 'gcli', '--json');
    expect(JSON.parse(out)).toMatchObject({ ready: true });
  });
});
afterAll(() => berth[Symbol.asyncDispose]());

test('a group is looked at, deployed, scaled, taken back and restarted from the command line', async () => {
  const all = await berth.run('status');
  expect(all.out).toMatch(/^GROUP +STATUS +RELEASE +READY +UNDER WAY\ngcli +running, ready +1 /);
  const one = await berth.run('status', 'gcli');
  expect(one.out).toMatch(/^gcli: running, ready, release 1, network gcli\n/);
  expect(one.out).toMatch(/gcli_web +http:\/\/localhost:\d+ +published/);

  const deployed = await berth.run('deploy', 'gcli', 'gcli_web', '--env', 'VERSION=2');
  expect(deployed).toMatchObject({ code: 0, err: '', out: 'gcli is at release 2 (gcli_web)\n' });
  expect((await engine.container('gcli_web-1'))?.Config.Env).toContain('VERSION=2');
  const again = await berth.run('deploy', 'gcli', 'gcli_web', '--env', 'VERSION=2');
  expect(again.out).toBe('gcli is as it should be, at release 2\n');
  expect((await berth.run('scale', 'gcli', 'gcli_web=2')).code).toBe(0);
  expect((await engine.container('gcli_web-2'))?.State.Status).toBe('running');
  const back = await berth.run('rollback', 'gcli', '1', '--json');
  expect(JSON.parse(back.out)).toMatchObject({ state: 'succeeded', changed: ['gcli_web'] });
  expect(await engine.container('gcli_web-2')).toBeUndefined();

  const history = await berth.run('history', 'gcli');
  expect(history.out).toMatch(
    /^RELEASE +MADE +WHY +SERVICES\n3 +\S+ +scale .*\n2 +\S+ +deploy .*\n1 \(now\) /,
  );
  expect(history.out).toMatch(/rollback +3 → 1 +succeeded +operator/);
  const before = (await engine.container('gcli_db'))?.State.StartedAt ?? '';
  expect((await berth.run('restart', '-t', '0', 'gcli')).out).toBe('gcli\n');
  expect(((await engine.container('gcli_db'))?.State.StartedAt ?? '') > before).toBe(true);
});

test('what is wrong with a deploy is one line that says what to do, and nothing stays changed', async () => {
  expect(await berth.run('deploy', 'nowhere')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^berth: there is no group nowhere\. There are: gcli\.\n$/),
  });
  expect(await berth.run('scale', 'gcli', 'gcli_web')).toMatchObject({ code: 2 });
  const broken = await berth.run('deploy', 'gcli', 'gcli_web', '--entrypoint', '/nowhere');
  expect(broken).toMatchObject({ code: 9, out: '' });
  expect(broken.err).toMatch(
    /^berth: release \d+ of gcli failed \(rolled_back\): gcli_web#1: .* does not stay up.*; gcli is back at release 1\. /,
  );
  expect((await engine.container('gcli_web-1'))?.State.Status).toBe('running');
});

test('update pulls and rolls exactly what has another image now, of a group and on its own', async () => {
  const app = `${REPOSITORY}/app`;
  const image = `${app}:1`;
  const publish = async (version: string): Promise<void> => {
    const made = `${app}:made-${version}`;
    expect((await berth.run('commit', 'gcli_db', made, '--change', `ENV V=${version}`)).code).toBe(0);
    expect((await berth.run('image', 'push', made)).code).toBe(0);
    await moveATag(app.slice(app.indexOf('/') + 1), `made-${version}`, '1');
  };
  const versionOf = async (name: string): Promise<string | undefined> =>
    (await engine.container(name))?.Config.Env?.find((one) => one.startsWith('V='));
  await publish('1');
  expect(
    (await berth.run('run', '-d', '--name', 'gcli_lone', '--stop-timeout', '0', image, 'sleep', '600')).code,
  ).toBe(0);
  expect((await berth.run('deploy', 'gcli', `gcli_db=${image}`)).code).toBe(0);
  expect((await berth.run('update', 'gcli', 'gcli_lone')).err.trim().split('\n').toSorted()).toEqual([
    'gcli is up to date',
    'gcli_lone is up to date',
  ]);
  await publish('2');
  const since = Date.now();
  expect(await berth.run('update', '--dry-run', 'gcli_lone')).toMatchObject({
    code: 0,
    err: 'gcli_lone: gcli_lone would be updated\n',
  });
  expect((await berth.run('update', '--dry-run', 'gcli')).err).toBe('gcli: gcli_db would be updated\n');
  expect(await berth.run('update', '--dry-run', '-m', '64m', 'gcli_lone')).toMatchObject({ code: 2 });
  expect(await engineEvents(engine, since, /gcli/)).toEqual([]);
  expect(await versionOf('gcli_db')).toBe('V=1');
  const web = await engine.container('gcli_web-1');
  expect((await berth.run('update', 'gcli')).err).toBe('gcli: gcli_db updated\n');
  await berth.run('update', 'gcli_lone');
  await eventually(async () => expect(await versionOf('gcli_lone')).toBe('V=2'));
  expect([await versionOf('gcli_db'), (await engine.container('gcli_web-1'))?.Id]).toEqual(['V=2', web?.Id]);
  await berth.run('rm', '-f', 'gcli_lone');
});
