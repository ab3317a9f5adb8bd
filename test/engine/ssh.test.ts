import { afterAll, beforeAll, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { anEngineUnderTest } from '../support/an-engine-under-test.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';
import { type SshServer, sshServer } from '../support/ssh-server.ts';
import { talksOver } from '../support/talks-over.ts';

let server: SshServer;
let socket = '';
const before = process.env['PATH'];
const coded = (code: ErrorCode) => expect.toSatisfy((error: unknown) => isContractError(error, code));
const host = (more = ''): string => `ssh://root@127.0.0.1:${server.port}${more}`;

beforeAll(async () => {
  ({ socket_path: socket } = await testEngine());
  await needImages('busybox:latest');
  server = await sshServer(socket);
  process.env['PATH'] = server.path;
}, 60_000);
afterAll(async () => {
  process.env['PATH'] = before;
  await server?.[Symbol.asyncDispose]();
});

test('an engine is used over ssh like any other, at the socket that is named or the usual one', async () => {
  for (const address of [host(), host(socket)]) {
    await using mine = await anEngineUnderTest(openEngine(address), 'ssh');
    const { containers, system } = mine.engine;
    const raw = rawEngine(socket);
    const version = (await raw.ask('GET', '/version')).body as { Version: string };
    expect((await system.ping()).engine).toBe(version.Version);
    const id = await mine.create('lines', { spec: { command: ['sh', '-c', 'seq 20000; sleep 600'] } });
    await containers.start(id);
    expect((await raw.container('ssh_lines'))?.State.Status).toBe('running');
    let lines = 0;
    const reader = new AbortController();
    const query = { follow: true, tty: false };
    try {
      for await (const batch of containers.logs(id, query, reader.signal)) {
        lines += batch.filter(({ ends_line }) => ends_line).length;
        if (lines === 20_000) reader.abort();
      }
    } catch (error) {
      expect(error).toEqual(coded('aborted'));
    }
    expect(lines).toBe(20_000);
    await Promise.all(Array.from({ length: 12 }, () => containers.inspect(id)));
  }
}, 120_000);

test('exec, attach, logs and builds go over ssh as over a socket', async () => {
  await using mine = await anEngineUnderTest(openEngine(host()), 'ssh_talks');
  await talksOver(mine);
}, 120_000);

test('no ssh is left once the engine is closed, and one that is given up ends at once', async () => {
  const engine = openEngine(host());
  const caller = new AbortController();
  const events = (async () => {
    for await (const event of engine.system.events({}, caller.signal))
      if (event.type === 'connected') caller.abort();
  })();
  await expect(events).rejects.toEqual(coded('aborted'));
  await engine.system.ping();
  expect(await server.clients()).toBeGreaterThan(0);
  await engine.close();
  await eventually(async () => expect(await server.clients()).toBe(0));
}, 60_000);

test('a key that is not let in, and a server that is not known, are engine_denied in ssh’s own words', async () => {
  const engine = openEngine(host());
  try {
    await server.use('stranger');
    await expect(engine.system.ping()).rejects.toThrow(/Permission denied/);
    await expect(engine.system.ping()).rejects.toEqual(coded('engine_denied'));
    await server.use('right');
    await server.know(false);
    await expect(engine.system.ping()).rejects.toThrow(/Host key verification failed/);
    await server.know(true);
    await engine.system.ping();
  } finally {
    await engine.close();
  }
}, 60_000);

test('a machine that has no docker, or that nobody answers at, is engine_unreachable', async () => {
  const engine = openEngine(host());
  await server.docker(false);
  await expect(engine.system.ping()).rejects.toThrow(/docker/);
  await expect(engine.system.ping()).rejects.toEqual(coded('engine_unreachable'));
  await server.docker(true);
  await engine.system.ping();
  await engine.close();
  const nobody = openEngine('ssh://root@127.0.0.1:1');
  await expect(nobody.system.ping()).rejects.toEqual(coded('engine_unreachable'));
  await nobody.close();
}, 60_000);
