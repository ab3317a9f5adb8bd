import { expect, test } from 'vitest';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openStore } from '../../src/store/open-store.ts';
import { ahead } from '../../src/worker/ahead.ts';
import { pullOnce } from '../../src/worker/pull-once.ts';
import { aFolder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';

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
