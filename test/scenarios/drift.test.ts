import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawContainer, type RawEngine, rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: RawEngine;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
});

const NAMES = ['daily-removed', 'daily-stopped', 'daily-off', 'daily-env', 'daily-paused'] as const;
const entryOf = (name: string, value: string): string =>
  `  - { name: ${name}, kind: registry.entry, meta: { type: docker.container }, image: 'busybox:latest', command: sleep 6000, network: daily-drift, restart_policy: unless-stopped, stop_timeout: 0, env: { A: '${value}' } }\n`;
const registry = (value: string): string =>
  `version: "1.0"\nnamespace: daily\nentries:\n${NAMES.map((name) => entryOf(name, name === 'daily-env' ? value : '1')).join('')}`;

const theEngines = async (name: string): Promise<RawContainer> => {
  const seen = await engine.container(name);
  if (seen === undefined) throw new Error(`the engine has no ${name}`);
  return seen;
};

test('what changes behind Berth’s back is set right as soon as it is seen, and a listing says so', async () => {
  await berth.write('_index.yaml', registry('1'));
  const up = await berth.up();
  for (const name of NAMES) await berth.until(name, ({ status }) => status === 'running');
  const before = new Map<string, RawContainer>();
  for (const name of NAMES) before.set(name, await theEngines(name));

  await engine.ask('DELETE', '/containers/daily-removed?force=1');
  await engine.ask('POST', '/containers/daily-stopped/stop?t=0');
  await engine.ask('POST', '/networks/daily-drift/disconnect', { Container: 'daily-off', Force: true });
  await engine.ask('POST', '/containers/daily-paused/pause');
  await berth.write('_index.yaml', registry('2'));

  const SAID: Readonly<Record<(typeof NAMES)[number], RegExp | undefined>> = {
    'daily-removed': /^removed by somebody else; made anew$/,
    'daily-stopped': /^stopped by somebody else at 20.* started again$/,
    'daily-off': /^not on its network \(daily-drift\); joined again$/,
    'daily-env': undefined,
    'daily-paused': /^held by a pause until `berth unpause daily-paused`$/,
  };
  await eventually(async () => {
    const views = await berth.ps();
    const told = NAMES.map((name) => {
      const { status, reason } = views.find((one) => one.name === name) ?? {};
      return [name, status, reason?.message];
    });
    expect(told).toEqual(
      NAMES.map((name) => [
        name,
        name === 'daily-paused' ? 'paused' : 'running',
        SAID[name] === undefined ? undefined : expect.stringMatching(SAID[name]),
      ]),
    );
    expect((await theEngines('daily-env')).Config.Env).toContain('A=2');
  });
  for (const name of NAMES) {
    const { Id, State, NetworkSettings } = await theEngines(name);
    const isAnother = name === 'daily-removed' || name === 'daily-env';
    expect([name, Id !== before.get(name)?.Id]).toEqual([name, isAnother]);
    expect([name, State.Status]).toEqual([name, name === 'daily-paused' ? 'paused' : 'running']);
    expect(Object.keys(NetworkSettings.Networks)).toEqual(['daily-drift']);
  }
  const { out } = await berth.run('ps');
  expect(out).toMatch(/daily-removed .*running for .*, removed by somebody else; made anew/);
  expect(out).toMatch(/daily-off .*not on its network \(daily-drift\); joined again/);
  expect(out).toMatch(/daily-paused .*paused, held by a pause until `berth unpause daily-paused`/);
  expect((await berth.run('unpause', 'daily-paused')).code).toBe(0);
  await berth.until('daily-paused', ({ status, reason }) => status === 'running' && reason === undefined);
  expect(up.written.err).toContain('daily-stopped: stopped by somebody else');
}, 120_000);
