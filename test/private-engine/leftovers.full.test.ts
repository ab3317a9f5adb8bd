import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandOf, engineOf } from '../../src/private-engine/engine-process.ts';
import { endLeftovers } from '../../src/private-engine/leftovers.ts';
import { stopEngine } from '../../src/private-engine/stop-engine.ts';
import { processesNaming } from '../support/lab/processes.ts';
import { type OwnEngine, ownEngine } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

/** A container of that engine that does not listen to SIGTERM, and its process. */
async function aDeafContainer(own: OwnEngine): Promise<{ readonly id: string; readonly pid: number }> {
  const engine = rawEngine(own.socket_path);
  await engine.ask('POST', '/images/create?fromImage=busybox&tag=latest');
  await engine.ask('POST', '/containers/create?name=deaf', {
    Image: 'busybox:latest',
    Cmd: ['sleep', '1000'],
  });
  expect((await engine.ask('POST', '/containers/deaf/start')).status).toBe(204);
  const container = await engine.container('deaf');
  return { id: container?.Id ?? '', pid: container?.State.Pid ?? 0 };
}

test('an engine that does not listen is killed in the end, and its containers with it', {
  timeout: 240_000,
}, async () => {
  await using own = await ownEngine();
  const { id, pid } = await aDeafContainer(own);
  await own.freeze();
  await stopEngine(own.state, own.socket_path);
  expect(engineOf(own.state, own.socket_path)).toBeUndefined();
  expect(processesNaming(own.state)).toEqual([]);
  expect(commandOf(pid)).toEqual([]);
  expect(existsSync(`/sys/fs/cgroup/pids/docker/${id}`)).toBe(false);
});

test('after everything of it died at once, as at a power cut, it starts again on the same state', {
  timeout: 240_000,
}, async () => {
  await using own = await ownEngine();
  await aDeafContainer(own);
  await own.kill();
  await endLeftovers(own.state);
  await own.start();
  const engine = rawEngine(own.socket_path);
  expect((await engine.container('deaf'))?.State.Status).toBe('exited');
  expect((await engine.ask('POST', '/containers/deaf/start')).status).toBe(204);
});
