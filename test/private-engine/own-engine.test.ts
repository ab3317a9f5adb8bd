import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandOf, engineOf } from '../../src/private-engine/engine-process.ts';
import { eventually } from '../support/eventually.ts';
import { processesNaming } from '../support/lab/processes.ts';
import { type OwnEngine, ownEngine } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

const MINUTES = 60_000;
const SLEEPER = { Image: 'busybox:latest', Cmd: ['sleep', '1000'] };
let own: OwnEngine;

beforeAll(async () => {
  own = await ownEngine({ live_restore: true });
  const engine = rawEngine(own.socket_path);
  await engine.ask('POST', '/images/create?fromImage=busybox&tag=latest');
  expect((await engine.ask('POST', '/containers/create?name=sleeper', SLEEPER)).status).toBe(201);
  expect((await engine.ask('POST', '/containers/sleeper/start')).status).toBe(204);
}, 5 * MINUTES);

afterAll(() => own?.[Symbol.asyncDispose](), 3 * MINUTES);

test('it keeps its images by overlay2', async () => {
  const { body } = await rawEngine(own.socket_path).ask('GET', '/info');
  expect(body).toMatchObject({ Driver: 'overlay2' });
});

test('it publishes ports, and leaves the bridge of the run’s engine as it is', async () => {
  const engine = rawEngine(own.socket_path);
  await engine.ask('POST', '/containers/create?name=web', {
    Image: 'busybox:latest',
    Cmd: ['sh', '-c', 'echo served > /tmp/index.html; exec httpd -f -p 80 -h /tmp'],
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '18471' }] } },
  });
  expect((await engine.ask('POST', '/containers/web/start')).status).toBe(204);
  await eventually(async () =>
    expect(await (await fetch('http://127.0.0.1:18471/')).text()).toBe('served\n'),
  );
  await engine.ask('DELETE', '/containers/web?force=1');
  expect(readFileSync('/proc/self/net/dev', 'utf8')).toContain('docker0:');
});

test('killed and started again on the same state, its live containers have gone on', async () => {
  const before = await rawEngine(own.socket_path).container('sleeper');
  await own.kill();
  expect(engineOf(own.state, own.socket_path)).toBeUndefined();
  expect(commandOf(before?.State.Pid ?? 0)).toContain('sleep');
  await own.start();
  const after = await rawEngine(own.socket_path).container('sleeper');
  expect(after?.State).toMatchObject({
    Status: 'running',
    Pid: before?.State.Pid,
    StartedAt: before?.State.StartedAt,
  });
});

test('frozen, it accepts and answers nothing; thawed, it answers', async () => {
  await own.freeze();
  const seen: string[] = [];
  const asked = rawEngine(own.socket_path)
    .ask('GET', '/_ping')
    .then(() => seen.push('answered'));
  const socket = connect(own.socket_path);
  await once(socket, 'connect');
  socket.destroy();
  seen.push('thawed');
  own.thaw();
  await asked;
  expect(seen).toEqual(['thawed', 'answered']);
});

test('disposed of, neither its processes nor its containers nor its files are left', async () => {
  await using other = await ownEngine({ live_restore: true });
  const engine = rawEngine(other.socket_path);
  await engine.ask('POST', '/images/create?fromImage=busybox&tag=latest');
  await engine.ask('POST', '/containers/create?name=other', SLEEPER);
  await engine.ask('POST', '/containers/other/start');
  const pid = (await engine.container('other'))?.State.Pid ?? 0;
  expect(commandOf(pid)).toContain('sleep');
  await other.kill();
  await other[Symbol.asyncDispose]();
  expect(existsSync(other.state)).toBe(false);
  expect(processesNaming(other.state)).toEqual([]);
  expect(commandOf(pid)).toEqual([]);
});
