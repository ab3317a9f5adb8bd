import { afterAll, beforeAll, expect, test } from 'vitest';
import { entry, SLEEP } from '../support/a-chain.ts';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { engineEvents } from '../support/engine-events.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: RawEngine;

/** Who needs whom. */
const PAIRS = [
  ['dn-web', 'dn-db'],
  ['dn-top', 'dn-web'],
  ['dn-top', 'dn-db'],
  ['dn-top', 'dn-side'],
  ['dn-side', 'dn-net'],
  ['dn-reader', 'dn-vol'],
  ['dn-last', 'dn-reader'],
  ['dn-last', 'dn-pid'],
] as const;
const NAMES = [...new Set(PAIRS.flat())];

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
  const entries = [
    entry('dn-last', SLEEP, 'depends_on: [dn-reader]', 'pid: "container:dn-pid"'),
    entry('dn-top', SLEEP, 'depends_on: [dn, dn-side]'),
    entry('dn-reader', SLEEP, 'volumes_from: [dn-vol]'),
    entry('dn-side', SLEEP, 'network_mode: "container:dn-net"'),
    entry('dn-web', SLEEP, 'group: dn', 'depends_on: [dn-db]'),
    entry('dn-db', SLEEP, 'group: dn'),
    entry('dn-net', SLEEP),
    entry('dn-vol', SLEEP, 'volumes: [{ name: dn_data, container: /data }]'),
    entry('dn-pid', SLEEP),
  ];
  await berth.write('_index.yaml', `namespace: dn\nentries:\n${entries.join('')}`);
});
afterAll(() => berth[Symbol.asyncDispose]());

test.each([
  ['after a daemon that has ended', 'SIGTERM'],
  ['after one that was killed', 'SIGKILL'],
] as const)('down removes what needs others before what they need, %s', async (_, signal) => {
  const up = await berth.up();
  for (const name of NAMES) await berth.until(name, ({ status }) => status === 'running');
  up.kill(signal);
  await up.ended;
  const since = Date.now();
  const { code, out, err } = await berth.run('down', '--volumes');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const told = (await engineEvents(engine, since, /^dn/)).map(
    ({ Type, Action, Actor }) => `${Type} ${Action} ${Actor.Attributes['name'] ?? Actor.ID}`,
  );
  const at = (what: string): number => {
    expect(told).toContain(what);
    return told.indexOf(what);
  };
  const stops = (name: string): number => at(`container die ${name}`);
  const goes = (name: string): number => at(`container destroy ${name}`);
  const printed = out.split('\n');
  for (const [one, other] of PAIRS) {
    expect(stops(one), `${one} ends before ${other}`).toBeLessThan(stops(other));
    expect(goes(one), `${one} goes before ${other}`).toBeLessThan(goes(other));
  }
  for (const name of NAMES) expect(printed).toContain(`removed ${name}`);
  expect(at('network destroy dn')).toBeGreaterThan(goes('dn-db'));
  expect(at('volume destroy dn_data')).toBeGreaterThan(goes('dn-vol'));
  expect((await engine.names()).filter((name) => name.startsWith('dn-'))).toEqual([]);
});
