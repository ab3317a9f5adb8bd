import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerLabels } from '../../src/engine/labels.ts';
import type { Desired } from '../../src/plan/desired.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import { aReconciler, type Reconciler } from '../support/a-reconciler.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';

let docker: EngineUnderTest;
let berth: Reconciler;
const images: string[] = [];
beforeAll(async () => {
  docker = await aDockerEngine('reconcile-docker');
  berth = aReconciler(docker.engine, 'reconciled');
  await berth[Symbol.asyncDispose]();
});
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  for (const ref of images) await docker.engine.images.remove(ref, { force: true });
  await docker[Symbol.asyncDispose]();
});

/** Brought to run, and what is there then. */
async function up(
  desired: Desired,
): Promise<{ readonly id: string; readonly started_at: string | undefined }> {
  const { outcome } = await berth.run(desired);
  if (outcome.kind !== 'settled' || outcome.container === undefined) throw new Error(JSON.stringify(outcome));
  const { id, started_at, state } = outcome.container;
  expect(state).toBe('running');
  return { id, started_at };
}

/** An image of a volume at /data, with labels if any. It holds nothing that runs. */
async function anImage(short: string, changes: readonly string[]): Promise<string> {
  const ref = `${berth.name(short)}:made`;
  const emptyTar = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(1024);
  };
  await docker.engine.images.import(emptyTar(), ref, changes);
  images.push(ref);
  return ref;
}

describe('a container that is wanted', () => {
  test('is made and started, told as it goes, and then adopted in silence', async () => {
    const desired = berth.wants('plain', {});
    const first = await berth.run(desired);
    expect(first.steps).toEqual(['create_container plain', 'start_container plain']);
    expect(first.phases).toEqual(['creating', 'starting']);
    expect(first.outcome).toMatchObject({ kind: 'settled', started: true, container: { state: 'running' } });
    const seen = await berth.seen(desired);
    expect(first.hooks).toEqual([`1 start ${seen?.id}`]);
    const again = await berth.run(desired, { engine_id: seen?.id ?? null });
    expect(again.steps).toEqual([]);
    expect(again.outcome).toMatchObject({ kind: 'settled', started: false, container: { id: seen?.id } });
  });

  test('that ends well at once has run, and is not started again in its generation', async () => {
    const desired = berth.wants('job', { command: 'true' });
    const { outcome } = await berth.run(desired);
    expect(outcome).toMatchObject({
      kind: 'settled',
      started: true,
      container: { state: 'exited', exit_code: 0 },
    });
    expect((await berth.run({ ...desired, started: true })).steps).toEqual([]);
    expect((await berth.run(desired)).steps).toEqual(['start_container job']);
  });

  test('is removed with its name free again, and a removal of nothing is done', async () => {
    const desired = berth.wants('gone', {});
    await up(desired);
    const removed = { ...desired, state: 'removed' as const };
    const { steps, outcome } = await berth.run(removed);
    expect(steps).toEqual(['stop_container gone', 'remove_container gone']);
    expect(outcome).toMatchObject({ kind: 'settled', container: undefined });
    expect(await berth.seen(desired)).toBeUndefined();
    expect((await berth.run(removed)).outcome).toMatchObject({ kind: 'settled', container: undefined });
  });
});

describe('a changed spec', () => {
  test('changes limits and restart policy in place: the same container, the same start', async () => {
    const before = await up(berth.wants('limits', { memory_limit: 64 << 20, cpu_limit: 0.5 }));
    const desired = berth.wants('limits', {
      memory_limit: 96 << 20,
      cpu_limit: 1 / 3,
      restart_policy: 'always',
    });
    expect((await berth.run(desired)).steps).toEqual(['update_container limits']);
    expect(await berth.seen(desired)).toMatchObject({
      ...before,
      memory_limit: 96 << 20,
      restart_policy: 'always',
    });
    expect((await berth.run(desired)).steps).toEqual([]);
  });

  test('reads the former log to its end before the new container starts', async () => {
    const before = await up(berth.wants('order', {}));
    const { steps, hooks, outcome } = await berth.run(berth.wants('order', { env: { A: '1' } }));
    expect(steps).toEqual([
      'rename_container order → order.berth-old',
      'create_container order',
      'stop_container order.berth-old',
      'start_container order',
      'remove_container order.berth-old',
    ]);
    const id = outcome.kind === 'settled' ? outcome.container?.id : undefined;
    expect(hooks).toEqual([`3 remove ${before.id}`, `3 start ${id}`]);
    expect(await docker.engine.containers.inspect(before.id)).toBeUndefined();
  });

  test('that does not stay up brings the former container back, running, and says why', async () => {
    const before = await up(berth.wants('rollback', {}));
    const { outcome } = await berth.run(berth.wants('rollback', { command: 'exit 3' }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'start_failed',
      rolled_back: true,
      container: { id: before.id, state: 'running' },
    });
    expect(outcome.kind === 'failed' && outcome.message).toContain('does not stay up');
    expect(await docker.engine.containers.inspect(`${berth.name('rollback')}.berth-old`)).toBeUndefined();
  });

  test('that the engine refuses never stops the former container', async () => {
    const before = await up(berth.wants('refused', {}));
    const { outcome, steps } = await berth.run(berth.wants('refused', { stop_signal: 'SIGNONE' }));
    expect(outcome).toMatchObject({ kind: 'failed', rolled_back: true, container: before });
    expect(steps).not.toContainEqual(expect.stringContaining('stop_container'));
  });

  test('whose port is taken says by whom, and brings the former container back', async () => {
    const holder = await up(berth.wants('holder', { ports: [{ host: 47_113, container: 80 }] }));
    const before = await up(berth.wants('port', {}));
    const { outcome } = await berth.run(berth.wants('port', { ports: [{ host: 47_113, container: 80 }] }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'port_conflict',
      rolled_back: true,
      container: { id: before.id, state: 'running' },
    });
    expect(outcome.kind === 'failed' && outcome.message).toContain(holder.id.slice(0, 12));
  });

  test('ends in one container that is right, whichever step a worker loses it before', async () => {
    for (let boundary = 0; boundary <= 6; boundary++) {
      const short = `broken${boundary}`;
      await up(berth.wants(short, {}));
      const desired = berth.wants(short, { env: { A: '1' } });
      let begun = 0;
      const first = await berth.run(desired, {
        holds: () => begun < boundary,
        onStep: () => {
          begun += 1;
        },
      });
      expect(first.outcome.kind).toBe(boundary < 5 ? 'lost' : 'settled');
      const { outcome } = await berth.run(desired);
      expect(outcome).toMatchObject({ kind: 'settled', container: { state: 'running' } });
      const all = await docker.engine.containers.list({ labels: { 'berth.id': desired.id } });
      expect(all.map(({ name }) => name)).toEqual([desired.name]);
      expect((await berth.run(desired)).steps).toEqual([]);
      await berth.run({ ...desired, state: 'removed' });
    }
  });

  test('keeps anonymous volumes, which go when the container is removed for good', async () => {
    const image = await anImage('volumes', ['VOLUME /data', 'CMD ["x"]']);
    const state = 'created' as const;
    await berth.run(berth.wants('volumes', { image }, { state }));
    const before = (await berth.seen(berth.wants('volumes', {})))?.mounts[0];
    expect(before).toMatchObject({ container: '/data', anonymous: true });
    const changed = berth.wants('volumes', { image, env: { A: '1' } }, { state });
    await berth.run(changed);
    expect((await berth.seen(changed))?.mounts).toEqual([before]);
    await berth.run({ ...changed, state: 'removed' });
    expect(await docker.engine.volumes.inspect(before?.source ?? '')).toBeUndefined();
  });
});

describe('a network', () => {
  test('is made with its first user and goes with its last; two who make it at once both have it', async () => {
    const network = berth.name('net');
    const [one, two] = [berth.wants('net1', { network }), berth.wants('net2', { network })];
    const outcomes = await Promise.all([berth.run(one), berth.run(two)]);
    expect(outcomes.map(({ outcome }) => outcome.kind)).toEqual(['settled', 'settled']);
    await berth.run({ ...one, state: 'removed' }, { isNetworkWanted: (name) => name === network });
    expect(await docker.engine.networks.inspect(network)).toBeDefined();
    const { steps } = await berth.run({ ...two, state: 'removed' });
    expect(steps).toEqual(['stop_container net2', 'remove_container net2', 'remove_network net']);
    expect(await docker.engine.networks.inspect(network)).toBeUndefined();
  });

  test('removed under a stopped container is made and joined again', async () => {
    const network = berth.name('lost');
    const desired = berth.wants('lost', { network });
    await up(desired);
    await berth.run({ ...desired, state: 'stopped' });
    expect(await docker.engine.networks.remove(network)).toBe('removed');
    const { outcome, steps } = await berth.run(desired);
    expect(steps).toEqual([
      'create_network lost',
      'disconnect_network lost ↔ lost',
      'connect_network lost ↔ lost',
      'start_container lost',
    ]);
    expect(outcome).toMatchObject({
      kind: 'settled',
      container: {
        state: 'running',
        networks: [{ network, aliases: expect.arrayContaining([desired.name]) }],
      },
    });
    expect((await berth.run(desired)).steps).toEqual([]);
    await berth.run({ ...desired, state: 'removed' });
  });

  test('that a container was taken off is joined again, while it runs', async () => {
    const network = berth.name('off');
    const desired = berth.wants('off', { network });
    const before = await up(desired);
    await docker.engine.networks.disconnect(network, before.id);
    expect((await berth.run(desired)).steps).toEqual(['connect_network off ↔ off']);
    expect(await berth.seen(desired)).toMatchObject({ ...before, networks: [{ network }] });
    await berth.run({ ...desired, state: 'removed' });
  });
});

describe('what is somebody else’s', () => {
  test('and has the name is refused with its id, and untouched by any wish', async () => {
    const id = await docker.create('held', { spec: { command: 'sleep 600' } });
    await docker.engine.containers.start(id);
    const desired = { ...berth.wants('foreign', {}), name: docker.name('held') };
    const before = await docker.engine.containers.inspect(id);
    const { outcome } = await berth.run(desired);
    expect(outcome).toMatchObject({ kind: 'failed', code: 'name_conflict', container: undefined });
    expect(outcome.kind === 'failed' && outcome.message).toContain(id.slice(0, 12));
    for (const state of ['stopped', 'removed'] as const)
      expect(await berth.run({ ...desired, state })).toMatchObject({
        steps: [],
        outcome: { container: undefined },
      });
    expect(await docker.engine.containers.inspect(id)).toEqual(before);
  });

  test('and has the network’s or the volume’s name is refused', async () => {
    const taken = docker.name('taken');
    await docker.engine.networks.create({ name: taken, labels: docker.labels });
    await docker.engine.volumes.create({ name: taken, labels: docker.labels });
    for (const spec of [{ network: taken }, { volumes: [{ name: taken, container: '/data' }] }]) {
      const { outcome, steps } = await berth.run(berth.wants('taken', spec));
      expect(outcome).toMatchObject({ kind: 'failed', code: 'name_conflict' });
      expect(steps).toEqual([]);
    }
  });

  test('is not adopted for labels of ours that its image carries', async () => {
    const desired = berth.wants('forged', {});
    const labels = containerLabels(berth.identity, desired.id, desired.recreate_hash);
    const image = await anImage('forged', [
      'CMD ["x"]',
      ...Object.entries(labels).map(([label, value]) => `LABEL ${label}="${value}"`),
    ]);
    const { id } = await docker.engine.containers.create({
      name: desired.name,
      spec: { image },
      labels: docker.labels,
      restart_policy: 'no',
      aliases: [],
      keep_volumes: {},
    });
    expect(await docker.engine.containers.inspect(id)).toMatchObject({ labels });
    expect((await berth.run(desired)).outcome).toMatchObject({ kind: 'failed', code: 'name_conflict' });
    await berth.run({ ...desired, state: 'removed' });
    expect(await docker.engine.containers.inspect(id)).toBeDefined();
  });
});

test('nothing is done once the claim is lost, nor once the phase cannot be written', async () => {
  const desired = berth.wants('lost-claim', {});
  expect(await berth.run(desired, { holds: () => false })).toMatchObject({
    outcome: { kind: 'lost' },
    steps: [],
  });
  expect(await berth.run(desired, { entering: () => false })).toMatchObject({
    outcome: { kind: 'lost' },
    steps: [],
  });
  const ending = AbortSignal.abort();
  expect(await berth.run(desired, { signal: ending })).toMatchObject({
    outcome: { kind: 'lost' },
    steps: [],
  });
  expect(await berth.seen(desired)).toBeUndefined();
  let holds = true;
  const { outcome, steps } = await berth.run(desired, {
    holds: () => holds,
    beforeStart: async () => {
      holds = false;
    },
  });
  expect(outcome).toEqual({ kind: 'lost' });
  expect(steps).toEqual(['create_container lost-claim']);
  expect(await berth.seen(desired)).toMatchObject({ state: 'created' });
});

test('an image that no registry has fails with its own code, and leaves what runs alone', async () => {
  const before = await up(berth.wants('image', {}));
  const { outcome } = await berth.run(berth.wants('image', { image: 'berth-has-no-such-image:never' }));
  expect(outcome).toMatchObject({ kind: 'failed', rolled_back: false, container: before });
  expect(outcome.kind === 'failed' && outcome.code).toMatch(/^image_/);
});
