import { afterAll, describe, expect, test } from 'vitest';
import { containerLabels } from '../../src/engine/labels.ts';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import { ground } from './ground.ts';
import { reconciling } from './suite.ts';
import { reconcilingBesideOthers } from './suite-beside-others.ts';

reconciling('a real engine', () => aDockerEngine('reconcile-docker'), [2, 3, 4]);
reconcilingBesideOthers('a real engine', () => aDockerEngine('reconcile-beside'));

describe('what only a real engine shows', () => {
  const at = ground(() => aDockerEngine('reconcile-real'), 'reconciled-real');
  const images: string[] = [];
  afterAll(async () => {
    const { engine, labels } = at.docker;
    for (const { id } of await engine.containers.list({ labels }))
      await engine.containers.remove(id, { force: true, anonymous_volumes: true });
    for (const ref of images) await engine.images.remove(ref, { force: true });
  });

  /** An image of a volume at /data, with labels if any. It holds nothing that runs. */
  const anImage = async (short: string, changes: readonly string[]): Promise<string> => {
    const ref = `${at.berth.name(short)}:made`;
    const emptyTar = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1024);
    };
    await at.docker.engine.images.import(emptyTar(), ref, { changes });
    images.push(ref);
    return ref;
  };

  test('a spec that the engine refuses never stops the former container', async () => {
    const first = await at.berth.run(at.berth.wants('refused', {}));
    const before = first.outcome.kind === 'settled' ? first.outcome.container : undefined;
    expect(before?.state).toBe('running');
    const { outcome, steps } = await at.berth.run(at.berth.wants('refused', { stop_signal: 'SIGNONE' }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      rolled_back: true,
      container: { id: before?.id, started_at: before?.started_at },
    });
    expect(steps).not.toContainEqual(expect.stringContaining('stop_container'));
  });

  test('a replacement keeps anonymous volumes, which go when the container is removed for good', async () => {
    const image = await anImage('volumes', ['VOLUME /data', 'CMD ["x"]']);
    const state = 'created' as const;
    await at.berth.run(at.berth.wants('volumes', { image }, { state }));
    const before = (await at.berth.seen(at.berth.wants('volumes', {})))?.mounts[0];
    expect(before).toMatchObject({ container: '/data', anonymous: true });
    const changed = at.berth.wants('volumes', { image, env: { A: '1' } }, { state });
    await at.berth.run(changed);
    expect((await at.berth.seen(changed))?.mounts).toEqual([before]);
    await at.berth.run({ ...changed, state: 'removed' });
    expect(await at.docker.engine.volumes.inspect(before?.source ?? '')).toBeUndefined();
  });

  test('a container is not adopted for labels of ours that its image carries', async () => {
    const desired = at.berth.wants('forged', {});
    const labels = containerLabels(at.berth.identity, desired.id, desired.recreate_hash);
    const image = await anImage('forged', [
      'CMD ["x"]',
      ...Object.entries(labels).map(([label, value]) => `LABEL ${label}="${value}"`),
    ]);
    const { id } = await at.docker.engine.containers.create({
      name: desired.name,
      spec: { image },
      labels: at.docker.labels,
      restart_policy: 'no',
      aliases: [],
      keep_volumes: {},
    });
    expect(await at.docker.engine.containers.inspect(id)).toMatchObject({ labels });
    expect((await at.berth.run(desired)).outcome).toMatchObject({ kind: 'failed', code: 'name_conflict' });
    await at.berth.run({ ...desired, state: 'removed' });
    expect(await at.docker.engine.containers.inspect(id)).toBeDefined();
  });
});
