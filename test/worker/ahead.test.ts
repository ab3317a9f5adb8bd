import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openStore } from '../../src/store/open-store.ts';
import { ahead } from '../../src/worker/ahead.ts';
import { pullOnce } from '../../src/worker/pull-once.ts';
import { aFolder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';

test('what a build has written is kept until it is taken, though its row needs nothing more by then; one that is not to run has it given up', async () => {
  await using folder = await aFolder();
  const store = await openStore({ path: `${folder.path}/berth.db` });
  const memory = openMemoryEngine();
  const written: string[] = [];
  const ends = new Map<string, () => void>();
  const engine: Engine = {
    ...memory,
    builds: {
      run: async ({ names: [name = ''], onProgress }, signal) => {
        await onProgress([{ type: 'log', stream: 'stdout', data: Buffer.from('made') }]);
        const end = Promise.withResolvers<void>();
        ends.set(name, end.resolve);
        signal.addEventListener('abort', () => end.reject(signal.reason));
        await end.promise;
        return { image_id: 'sha256:made' };
      },
    },
  };
  const pulls = pullOnce({
    ...{ engine, store, worker: 'w', now: Date.now, lease_ms: 30_000 },
    onDone: () => undefined,
  });
  const bringing = ahead({ engine, pulls, log: silentLog(), onWritten: (id) => written.push(id) });
  const build = { dockerfile: 'FROM busybox\n', hash: '0'.repeat(32) };
  for (const name of ['kept', 'gone'])
    bringing.bring(
      { id: `app:${name}`, name, generation: 1 },
      { action: { type: 'build_image', image: name, build }, cause: 'image absent' },
    );
  await eventually(() => expect([...ends.keys()]).toEqual(['kept', 'gone']));
  // The engine has the image a moment before its answer is here.
  bringing.settle('app:kept');
  bringing.leave('app:gone');
  expect(bringing.takeLines('app:kept')).toEqual([]);
  ends.get('kept')?.();
  await eventually(() => expect(written).toEqual(['app:kept']));
  bringing.settle('app:kept');
  expect(bringing.takeLines('app:kept')).toMatchObject([{ data: Buffer.from('made') }]);
  bringing.settle('app:kept');
  await bringing.stopAll();
  expect(written).toEqual(['app:kept']);
  await store.close();
});

test('what fails is not brought again until its row wants something else, and all that goes on is given up at the end', async () => {
  await using folder = await aFolder();
  const store = await openStore({ path: `${folder.path}/berth.db` });
  const engine = openMemoryEngine({ registry: ['slow:1', 'there:1'] });
  const pulls = pullOnce({
    ...{ engine, store, worker: 'w', now: Date.now, lease_ms: 30_000 },
    onDone: () => undefined,
  });
  const bringing = ahead({ engine, pulls, log: silentLog(), onWritten: () => undefined });
  const bring = (name: string, image: string, generation = 1): void =>
    bringing.bring(
      { id: `app:${name}`, name, generation },
      { action: { type: 'pull_image', image }, cause: 'image absent' },
    );
  const pulled = async () => (await engine.control.counts())['images.pull'] ?? 0;
  const untilPulled = (times: number) => eventually(async () => expect(await pulled()).toBe(times));

  bring('web', 'lost:1');
  await untilPulled(1);
  bring('web', 'lost:1');
  bring('other', 'there:1');
  await untilPulled(2);
  bring('web', 'lost:1', 2);
  await untilPulled(3);
  expect(await engine.images.inspect('there:1')).toBeDefined();

  await engine.control.hold('images.pull', 'slow:1');
  bring('late', 'slow:1');
  await engine.control.held();
  await bringing.stopAll();
  await engine.control.release();
  bringing.leave('app:late');
  expect(bringing.takeLines('app:web')).toEqual([]);
  await store.close();
});
