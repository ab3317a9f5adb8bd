import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GroupView } from '../../contracts/group-methods/group-view.ts';
import { aBerthFolder, type BerthFolder, type UpProcess } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: RawEngine;
let up: UpProcess;

const member = (name: string, ...more: string[]): string => `  - name: ${name}
    kind: registry.entry
    meta: { type: docker.container }
    group: dkill
    image: busybox:latest
    command: sleep 3600
    stop_timeout: 0
    env: { VERSION: "0" }
${more.map((line) => `    ${line}\n`).join('')}`;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  const web = member(
    'dkill_web',
    'container_name: dkill-web',
    'replicas: 2',
    'update_config: { monitor: 300ms, order: start_first, drain: 300ms }',
  );
  const db = member('dkill_db', 'container_name: dkill-db');
  await berth.write('one/_index.yaml', `namespace: dkill\nentries:\n${web}${db}`);
  up = await berth.up();
  await eventually(async () => expect((await group()).ready).toBe(true));
}, 180_000);
afterAll(() => berth[Symbol.asyncDispose](), 180_000);

async function group(): Promise<GroupView> {
  const { out, err } = await berth.run('call', 'groups', 'get', '--group', 'dkill');
  if (out === '') throw new Error(err);
  return JSON.parse(out) as GroupView;
}

/** What the engine has of the group: name and version. */
async function whole(): Promise<readonly string[]> {
  const names = (await engine.names()).filter((name) => name.startsWith('dkill-')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const seen = await engine.container(name);
      const version = seen?.Config.Env?.find((one) => one.startsWith('VERSION='));
      return `${name} ${version} ${seen?.State.Status}`;
    }),
  );
}

const of = (version: number): readonly string[] => [
  'dkill-db VERSION=0 running',
  `dkill-web-1 VERSION=${version} running`,
  `dkill-web-2 VERSION=${version} running`,
];

test('a supervisor killed at random moments of a deploy goes on with it, and it ends in one of the two releases, whole', {
  timeout: 600_000,
}, async () => {
  for (let version = 1; version <= 5; version++) {
    const deployed = await berth.run(
      'deploy',
      'dkill',
      'dkill_web',
      '--env',
      `VERSION=${version}`,
      '--no-wait',
    );
    expect(deployed.code, deployed.err).toBe(0);
    await pause(Math.random() * 4000);
    up.kill('SIGKILL');
    await up.ended;
    up = await berth.up();
    await eventually(async () => {
      const { deployment, release } = await group();
      expect([deployment, release]).toEqual([undefined, version + 1]);
      expect(await whole()).toEqual(of(version));
    });
  }
  const { out } = await berth.run('history', 'dkill', '--json');
  const { deployments } = JSON.parse(out) as { readonly deployments: readonly { readonly state: string }[] };
  expect(deployments.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'succeeded'));
});
