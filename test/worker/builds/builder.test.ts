import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMemoryEngine } from '../../../src/engine/memory/memory-engine.ts';
import type { BuildOptions } from '../../../src/engine/port/build-calls.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { openJournal } from '../../../src/store/open-journal.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { type Builder, startBuilder } from '../../../src/worker/builds/builder.ts';
import { aFolder, type Folder } from '../../support/a-folder.ts';
import { eventually } from '../../support/eventually.ts';

const ID = 'build_01JZX0000000000000000000AA';
const IMAGE = `sha256:${'a'.repeat(64)}`;
let folder: Folder;
let store: Store;
let journal: Journal;
let builder: Builder | undefined;
/** Of the build that goes on. */
let underWay:
  | { readonly options: BuildOptions; readonly signal: AbortSignal; readonly end: () => void }
  | undefined;

beforeEach(async () => {
  folder = await aFolder();
  store = await openStore({ path: ':memory:' });
  journal = await openJournal({ path: `${folder.path}/logs.db` });
  store.builds.insert({
    id: ID,
    names: ['berth-test/fenced:1'],
    request: { name: 'berth-test/fenced', dockerfile: 'FROM busybox:latest' },
    created_at: Date.now(),
  });
  // An engine whose build goes on until it is let go: whether it heeds its signal is up to each test.
  const builds = {
    run: (options: BuildOptions, signal: AbortSignal) =>
      new Promise<{ image_id: string }>((resolve, reject) => {
        underWay = { options, signal, end: () => resolve({ image_id: IMAGE }) };
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      }),
  };
  builder = startBuilder(
    {
      name: 'first',
      store,
      journal,
      engine: { ...openMemoryEngine(), builds },
      publisher: { publish: () => undefined },
      clock: systemClock,
      log: silentLog(),
      folder: folder.path,
    },
    { lease_ms: 60_000, renew_ms: 20, fallback_ms: 20 },
  );
  await eventually(() => expect(underWay).toBeDefined());
});
afterEach(async () => {
  await builder?.stop();
  underWay = undefined;
  await journal.close();
  store.close();
  await folder[Symbol.asyncDispose]();
});

/** As a supervisor does for a worker that it takes for dead. */
function takenOver(): void {
  store.builds.free('first');
  const [taken] = store.builds.claim({ worker: 'second', limit: 1, now: Date.now(), lease_ms: 60_000 });
  expect(taken).toMatchObject({ id: ID, attempt: 2, worker: 'second' });
}

test('a build that is somebody else’s now stops at once, and what it leaves is untouched', async () => {
  const { options } = underWay ?? {};
  await options?.onProgress([{ type: 'log', stream: 'stdout', data: Buffer.from('begun') }]);
  takenOver();
  const before = store.builds.get(ID);
  await eventually(() => expect(underWay?.signal.aborted).toBe(true));
  await builder?.stop();
  expect(store.builds.get(ID)).toEqual(before);
  expect(before).toMatchObject({ worker: 'second', status: 'building', attempt: 2 });
  expect((await journal.read(ID, 1, 100)).map(({ type }) => type)).toEqual(['log']);
});

test('one that ends in the moment of being taken over writes neither its result nor an end', async () => {
  takenOver();
  const before = store.builds.get(ID);
  underWay?.end();
  await builder?.stop();
  expect(store.builds.get(ID)).toEqual(before);
  expect(await journal.read(ID, 1, 100)).toEqual([]);
});

test('one that nobody took over is done, told and let go', async () => {
  underWay?.end();
  await eventually(() => expect(store.builds.get(ID)).toMatchObject({ worker: null, image_id: IMAGE }));
  expect(await journal.read(ID, 1, 100)).toMatchObject([{ type: 'done', outcome: 'succeeded' }]);
});
