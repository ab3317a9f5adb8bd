import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { createApp } from '../../src/app.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { aFolder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';
import { ownEngine } from '../support/own-engine.ts';

const isOutage = expect.toSatisfy(
  (error: unknown) =>
    isContractError(error, 'engine_unreachable') || isContractError(error, 'engine_timeout'),
);

test('nobody waits for ever on an engine that was killed: not for ours, not for another’s; what has finished is known without one', async () => {
  await using own = await ownEngine();
  await using folder = await aFolder();
  await using app = await createApp({ engine: own.host, state: folder.path });
  const docker = app.contract.open(containers);
  const spec = { image: 'busybox:latest', network: 'none', stop_timeout: 0 };
  const { id } = await docker.create({ ...spec, name: 'gone_long', command: 'sleep 600' });
  const { id: short } = await docker.create({ ...spec, name: 'gone_short', command: ['sh', '-c', 'exit 3'] });
  expect(await docker.wait({ id: short })).toMatchObject({ finished: true, exit_code: 3 });
  await eventually(async () => expect((await docker.get({ id })).status).toBe('running'));
  const waiting = expect(docker.wait({ id })).rejects.toEqual(isOutage);
  const restarting = expect(
    (async () => {
      await own.kill();
      await docker.restart({ id, wait: true });
    })(),
  ).rejects.toEqual(isOutage);
  await waiting;
  await restarting;
  expect(await docker.wait({ id: short })).toMatchObject({ finished: true, exit_code: 3 });
  expect(await docker.inspect({ id })).toMatchObject({ id, stale: true, desired_state: 'running' });
  await expect(docker.kill({ id })).rejects.toEqual(isOutage);
  await own.start();
  await docker.delete({ id, wait: true, timeout: 0 });
  await docker.delete({ id: short, wait: true });
});

test('a frozen engine ends a wait of the port, too', async () => {
  await using own = await ownEngine();
  const engine = openEngine(own.host);
  try {
    await engine.images.pull('busybox:latest', {});
    const { id } = await engine.containers.create({
      name: 'gone_frozen',
      spec: { image: 'busybox:latest', command: 'sleep 600', network: 'none' },
      restart_policy: 'no',
      aliases: [],
      labels: {},
      keep_volumes: {},
    });
    await engine.containers.start(id);
    const waiting = expect(engine.containers.wait(id)).rejects.toEqual(isOutage);
    await own.freeze();
    await waiting;
    own.thaw();
    await engine.containers.remove(id, { force: true, anonymous_volumes: true });
  } finally {
    await engine.close();
  }
});
