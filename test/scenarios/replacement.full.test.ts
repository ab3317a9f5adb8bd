import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { Replacement } from '../../src/plan/replacement.ts';
import { recreateHash, specHash } from '../../src/plan/spec-hash.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { ContainerRow } from '../../src/store/container-row.ts';
import { watchEngine } from '../../src/supervisor/watch-engine.ts';
import { aPatientClient, aSlowServer } from '../support/a-slow-server.ts';
import { aWorkplace, IDENTITY, type Workplace } from '../support/a-workplace.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

const ID = 'app:replaced_web';
const NAME = 'replaced_web';
const ASIDE = `${NAME}.berth-old`;
const CLIENT = 'replaced_client';
const NET = 'replaced_net';
const HOW: Replacement = { order: 'start_first', drain: 5, monitor: 1, timeout: 30 };

let raw: RawEngine;
let socket_path: string;

beforeAll(async () => {
  const engine = await testEngine();
  socket_path = engine.socket_path;
  raw = rawEngine(socket_path);
  await needImages('busybox:latest', 'redis:7');
});

afterAll(clean);

async function clean(): Promise<void> {
  for (const name of [NAME, ASIDE, CLIENT]) await raw.ask('DELETE', `/containers/${name}?force=1&v=1`);
  await raw.ask('DELETE', `/networks/${NET}`);
}

interface Site extends AsyncDisposable {
  readonly place: Workplace;
  /** Wanted from now on. */
  deploy(spec: ContainerSpec, replacement: Replacement): ContainerRow | undefined;
  settled(check: (row: ContainerRow) => boolean): Promise<ContainerRow>;
}

/** One row with a worker of its own and eyes on the engine. */
async function aSite(first: ContainerSpec): Promise<Site> {
  await clean();
  const engine = openEngine(`unix://${socket_path}`);
  const place = await aWorkplace(engine);
  const worker = place.worker('w1');
  const { store } = place;
  const watch = watchEngine({
    engine,
    identity: IDENTITY,
    store,
    now: Date.now,
    poke: () => worker.poke(),
    log: silentLog(),
  });
  const withNet = (spec: ContainerSpec): ContainerSpec => ({ ...spec, network: NET });
  place.add(ID, withNet(first), { aliases: [NAME, 'web'] });
  return {
    place,
    deploy: (given, replacement) => {
      const spec = withNet(given);
      const extras = { name: NAME, aliases: [NAME, 'web'], restart_policy: 'on-failure' };
      const row = store.containers.change(
        ID,
        {
          spec: {
            spec,
            name: NAME,
            aliases: extras.aliases,
            entry_source: null,
            spec_hash: specHash(spec, extras),
            recreate_hash: recreateHash(spec, extras),
          },
          replacement,
        },
        Date.now(),
      );
      worker.poke();
      return row;
    },
    settled: (check) =>
      place.until(ID, (row) => row.applied_generation === row.generation && check(row), 120_000),
    [Symbol.asyncDispose]: async () => {
      await watch.stop();
      await place[Symbol.asyncDispose]();
      await engine.close();
      await clean();
    },
  };
}

const addressOf = async (name: string): Promise<string> => {
  const { body } = await raw.ask('GET', `/containers/${name}/json`);
  const seen = body as { NetworkSettings: { Networks: Record<string, { IPAddress: string }> } };
  return seen.NetworkSettings.Networks[NET]?.IPAddress ?? '';
};

function slowAnswer(ip: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: ip, path: '/cgi-bin/slow', agent: false }, (answer) => {
      let text = '';
      answer.on('data', (part) => {
        text += String(part);
      });
      answer.on('end', () => resolve(text.trim()));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

/** A connection that says nothing for long. */
async function aConnection(
  ip: string,
): Promise<{ say(text: string): Promise<string>; readonly socket: Socket }> {
  const socket = connect(81, ip);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    socket,
    say: (text) =>
      new Promise((resolve, reject) => {
        socket.once('data', (part) => resolve(String(part).trim()));
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('the connection was closed')));
        socket.write(`${text}\n`);
      }),
  };
}

async function startClient(): Promise<void> {
  await raw.ask('POST', `/containers/create?name=${CLIENT}`, {
    Image: 'redis:7',
    Entrypoint: [],
    Cmd: aPatientClient('web'),
    Tty: true,
    HostConfig: { NetworkMode: NET },
  });
  await raw.ask('POST', `/containers/${CLIENT}/start`);
}
const clientLog = async (): Promise<string> =>
  String((await raw.ask('GET', `/containers/${CLIENT}/logs?stdout=1&stderr=1`)).body).replaceAll('\r', '');

test('start first: no request fails, what has begun ends well, an idle connection lives on, and the old one is gone', {
  timeout: 240_000,
}, async () => {
  await using site = await aSite(aSlowServer('one'));
  const { place } = site;
  const first = await site.settled(({ status, health }) => status === 'running' && health === 'healthy');
  const before = await raw.container(NAME);
  const ip = await addressOf(NAME);
  await startClient();
  await eventually(async () => expect(await clientLog()).toContain('answered one'));
  const idle = await aConnection(ip);
  expect(await idle.say('before')).toBe('before');

  site.deploy(aSlowServer('two'), HOW);
  const proving = await place.until(
    ID,
    ({ replacing, claimed_by }) => typeof replacing?.since === 'number' && claimed_by === null,
  );
  expect(proving).toMatchObject({ status: 'starting', reason: { code: 'proving' } });
  expect(proving.applied_generation).toBe(first.generation);
  const aside = await raw.container(ASIDE);
  expect([aside?.Id, aside?.State.StartedAt]).toEqual([before?.Id, before?.State.StartedAt]);
  const slow = slowAnswer(ip);

  const draining = await site.settled(({ replacing }) => (replacing?.drain_until ?? null) !== null);
  expect(draining.status).toBe('running');
  expect(await addressOf(ASIDE)).toBe(ip);
  const bare = await raw.container(ASIDE);
  expect(bare?.NetworkSettings.Networks[NET]?.Aliases ?? []).not.toContain('web');
  expect(await idle.say('after its alias was taken')).toBe('after its alias was taken');
  expect(await slow).toBe('one slowly');
  idle.socket.destroy();

  await site.settled(({ replacing }) => replacing === null);
  expect(await raw.names()).not.toContain(ASIDE);
  expect((await raw.container(NAME))?.Id).not.toBe(before?.Id);
  await eventually(async () => expect(await clientLog()).toContain('answered two'));
  // A second one, so that the requests are many.
  site.deploy(aSlowServer('three'), HOW);
  await site.settled(({ replacing, status }) => replacing === null && status === 'running');
  await eventually(async () => expect(await clientLog()).toContain('answered three'));
  await raw.ask('POST', `/containers/${CLIENT}/stop?t=10`);
  const said = /asked (\d+), failed (\d+)/.exec(await clientLog());
  expect(Number(said?.[1])).toBeGreaterThan(500);
  expect(said?.[2]).toBe('0');

  // The lines of both are there, to the last of the old one, each once.
  const lines = (await place.story(ID)).filter((one) => one.startsWith('stdout '));
  for (const version of ['one', 'two'])
    for (const what of ['starts', 'serves', 'drains', 'ends'])
      expect(lines.filter((line) => line === `stdout ${version} ${what}`)).toHaveLength(1);
});

test('start first: a new one that does not get ready goes, and the old one has served all along, untouched', {
  timeout: 240_000,
}, async () => {
  await using site = await aSite(aSlowServer('one'));
  const first = await site.settled(({ status, health }) => status === 'running' && health === 'healthy');
  const before = await raw.container(NAME);
  await startClient();
  await eventually(async () => expect(await clientLog()).toContain('answered one'));
  site.deploy(aSlowServer('two', { broken: true }), HOW);
  const row = await site.settled(({ generation }) => generation > first.generation);
  expect(row).toMatchObject({ status: 'running', replacing: null, engine_id: before?.Id });
  expect(row.reason?.code).toBe('replacement_failed');
  expect(row.reason?.message).toMatch(/its health check has failed: wget: .*refused/);
  const after = await raw.container(NAME);
  expect([after?.Id, after?.State.StartedAt]).toEqual([before?.Id, before?.State.StartedAt]);
  expect(await raw.names()).not.toContain(ASIDE);
  await raw.ask('POST', `/containers/${CLIENT}/stop?t=10`);
  expect(await clientLog()).toMatch(/asked \d+, failed 0/);
  // It is left alone until somebody changes his mind.
  site.place.store.containers.touch([ID], Date.now());
  await site.place.until(ID, ({ due_at, claimed_by }) => due_at === null && claimed_by === null);
  expect((await raw.container(NAME))?.Id).toBe(before?.Id);
});

test('stop first: the old one is kept until the new one is proven, and comes back when that is no good', {
  timeout: 240_000,
}, async () => {
  await using site = await aSite(aSlowServer('one'));
  const first = await site.settled(({ status, health }) => status === 'running' && health === 'healthy');
  const before = await raw.container(NAME);
  const how: Replacement = { ...HOW, order: 'stop_first' };
  site.deploy({ ...aSlowServer('two'), command: ['sh', '-c', 'echo two starts; sleep 1; exit 0'] }, how);
  await site.place.until(ID, ({ replacing }) => typeof replacing?.since === 'number');
  expect((await raw.container(ASIDE))?.State.Status).toBe('exited');
  const held = await site.settled(({ generation }) => generation > first.generation);
  expect(held.reason).toMatchObject({
    code: 'replacement_failed',
    message: expect.stringContaining('it ended with exit code 0'),
  });
  expect((await raw.container(NAME))?.Id).toBe(before?.Id);
  expect((await raw.container(NAME))?.State.Status).toBe('running');

  site.deploy(aSlowServer('three'), how);
  const proven = await site.settled(({ status, replacing }) => status === 'running' && replacing === null);
  expect(proven.reason).toBeNull();
  expect(await raw.names()).not.toContain(ASIDE);
  const lines = (await site.place.story(ID)).filter((one) => one.startsWith('stdout '));
  expect(lines.filter((line) => line === 'stdout one starts')).toHaveLength(2);
  expect(lines.filter((line) => line === 'stdout one ends')).toHaveLength(2);
  expect(lines.filter((line) => line === 'stdout two starts')).toHaveLength(1);
});

const ILL_LATER: ContainerSpec = {
  image: 'busybox:latest',
  command: [
    'sh',
    '-c',
    "trap 'exit 0' TERM; echo runs; touch /well; sleep 3; rm -f /well; while :; do sleep 0.2; done",
  ],
  stop_timeout: 5,
  health_check: { test: 'test -e /well', interval: 0.5, timeout: 2, retries: 2 },
};

test('what is not well is restarted, and says so; or is stopped, and stays so', {
  timeout: 120_000,
}, async () => {
  await using site = await aSite({ ...ILL_LATER, on_unhealthy: 'restart' });
  const { place } = site;
  const first = await site.settled(({ status, health }) => status === 'running' && health === 'healthy');
  const before = await raw.container(NAME);
  const healed = await place.until(ID, ({ healing, status }) => healing !== null && status === 'running');
  expect(healed.attempt).toBe(first.attempt + 1);
  const after = await raw.container(NAME);
  expect(after?.Id).toBe(before?.Id);
  expect(after?.State.StartedAt).not.toBe(before?.State.StartedAt);
  const again = await place.until(ID, ({ reason }) => reason?.message.includes('next at') === true);
  expect(again.reason?.message).toMatch(/^was not well, and was restarted once for it, next at /);

  site.deploy({ ...ILL_LATER, on_unhealthy: 'stop' }, { ...HOW, order: 'stop_first' });
  const stopped = await site.settled(({ status }) => status === 'stopped');
  expect(stopped).toMatchObject({
    desired_state: 'stopped',
    reason: { code: 'unhealthy', message: 'stopped, since it was not well' },
  });
  expect((await raw.container(NAME))?.State.Status).toBe('exited');
});
