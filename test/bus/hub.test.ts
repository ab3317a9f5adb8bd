import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BerthEvent, streamOf } from '../../contracts/berth-event.ts';
import { createHub, type Hub, type Listener, type Subscription } from '../../src/bus/hub.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Journal } from '../../src/store/journal.ts';
import { openJournal } from '../../src/store/open-journal.ts';
import { aFolder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';

let journal: Journal;
let hub: Hub;
/** So many readings of the journal fail. */
let broken = 0;
/** Pages of it that were asked for. */
let pages = 0;
let subscriptions: Subscription[];
let folder: Awaited<ReturnType<typeof aFolder>>;

beforeEach(async () => {
  folder = await aFolder();
  journal = await openJournal({ path: `${folder.path}/logs.db`, max_bytes_per_container: 200_000 });
  subscriptions = [];
  broken = 0;
  const whole = (): void => {
    if (broken > 0) {
      broken -= 1;
      throw new Error('broken');
    }
  };
  hub = createHub({
    replay: async (...asked) => {
      pages += 1;
      whole();
      return journal.read(...asked);
    },
    nextSeq: async (id) => {
      whole();
      return (await journal.state(id)).next_seq;
    },
    subscriptionsOf: ({ reply_to, topic }) =>
      subscriptions.filter(
        (one) => one.topic === topic && (one.reply_to === reply_to || one.reply_to === ''),
      ),
    onHeard: (heard, acked_seq) => {
      subscriptions = subscriptions.map((one) =>
        one.stream_id === heard.stream_id && one.reply_to === '' ? { ...one, acked_seq } : one,
      );
    },
    look_ms: 50,
    onPoke: () => undefined,
    log: silentLog(),
  });
});
afterEach(async () => {
  hub.close();
  await journal.close();
  await folder[Symbol.asyncDispose]();
});

const subscription = (more: Partial<Subscription> = {}): Subscription => ({
  stream_id: 'c',
  reply_to: 'me',
  topic: 't',
  acked_seq: 0,
  ...more,
});
const store = async (from: number, to: number, container = 'c'): Promise<readonly BerthEvent[]> => {
  const lines = Array.from({ length: to - from + 1 }, (_, index) => ({
    type: 'log' as const,
    stream: 'stdout' as const,
    attempt: 1,
    ts: '2026-01-01T00:00:00.000000000Z',
    line: `line ${from + index}`,
  }));
  const stored = await journal.append(container, null, lines);
  if (stored === 'fenced') throw new Error('fenced');
  return stored;
};
const tell = async (from: number, to: number, container = 'c'): Promise<void> =>
  hub.publish({ kind: 'events', stream_id: container, events: await store(from, to, container) });
async function take(listener: Listener, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) {
    const events = await listener.take();
    if (events === undefined) throw new Error(`closed after ${seqs.length} of ${count}`);
    seqs.push(...events.map(({ seq }) => seq));
  }
  return seqs;
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('who listens before anything happens gets each event once and in order', async () => {
  subscriptions.push(subscription());
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  await tell(1, 10);
  await tell(11, 20);
  expect(await take(listener, 20)).toEqual(range(1, 20));
});

test('what was told before anybody listened is held for the first who does, and what comes follows it', async () => {
  subscriptions.push(subscription());
  await tell(1, 2000);
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  await tell(2001, 2010);
  expect(await take(listener, 2010)).toEqual(range(1, 2010));
});

test('a lost notice is read from the journal when the next one comes', async () => {
  subscriptions.push(subscription());
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  await tell(1, 3);
  await store(4, 6);
  await tell(7, 9);
  expect(await take(listener, 9)).toEqual(range(1, 9));
});

test('a last notice that was lost is made up for, though none comes after it', async () => {
  subscriptions.push(subscription());
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  await tell(1, 3);
  expect(await take(listener, 3)).toEqual([1, 2, 3]);
  await store(4, 6);
  expect(await take(listener, 3)).toEqual([4, 5, 6]);
});

test('a journal that cannot be read for a moment costs a moment', async () => {
  subscriptions.push(subscription());
  await store(1, 3);
  broken = 3;
  expect(await take(await hub.listen({ reply_to: 'me', topic: 't' }), 3)).toEqual([1, 2, 3]);
});

test('the events of many containers reach one listener, each container’s in order', async () => {
  for (const stream_id of ['c', 'd', 'e']) subscriptions.push(subscription({ stream_id }));
  await store(1, 5000);
  await store(1, 10, 'd');
  await store(1, 10, 'e');
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  const seen = new Map<string, number[]>();
  for (let count = 0; count < 5020; ) {
    const events = (await listener.take()) ?? [];
    count += events.length;
    for (const event of events) seen.set(streamOf(event), [...(seen.get(streamOf(event)) ?? []), event.seq]);
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      ['c', range(1, 5000)],
      ['d', range(1, 10)],
      ['e', range(1, 10)],
    ]),
  );
});

test('who never reads has no more of the journal read than fills its mailbox', async () => {
  for (let index = 0; index < 50; index++) subscriptions.push(subscription({ reply_to: `r${index}` }));
  const listeners = await Promise.all(range(0, 49).map((n) => hub.listen({ reply_to: `r${n}`, topic: 't' })));
  pages = 0;
  for (let from = 1; from <= 20_000; from += 500) await tell(from, from + 499);
  let before = -1;
  await eventually(() => {
    const now = pages;
    const rests = now === before;
    before = now;
    expect(rests).toBe(true);
  });
  expect(pages).toBeLessThan(50 * 10);
  expect((await listeners[0]?.take())?.length).toBeLessThanOrEqual(2000);
});

test('a listener that cannot be begun leaves nothing behind', async () => {
  subscriptions.push(subscription({ reply_to: '' }));
  broken = 1;
  await expect(hub.listen({ reply_to: '', topic: 't' })).rejects.toThrow('broken');
  expect(hub.isListening('')).toBe(false);
});

test('a hub that is closed ends its listeners, also those that begin just then', async () => {
  subscriptions.push(subscription({ reply_to: '' }));
  const one = await hub.listen({ reply_to: 'me', topic: 't' });
  const two = hub.listen({ reply_to: '', topic: 't' });
  hub.close();
  expect(await one.take()).toBeUndefined();
  expect(await (await two).take()).toBeUndefined();
  expect(hub.closed.aborted).toBe(true);
});

test('a notice that comes twice is told once', async () => {
  subscriptions.push(subscription());
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  const events = await store(1, 5);
  hub.publish({ kind: 'events', stream_id: 'c', events });
  hub.publish({ kind: 'events', stream_id: 'c', events });
  await tell(6, 6);
  expect(await take(listener, 6)).toEqual(range(1, 6));
});

test('a reader that does not read costs bounded memory, slows nobody, and misses nothing when it reads again', async () => {
  subscriptions.push(subscription({ reply_to: 'slow' }), subscription({ reply_to: 'quick' }));
  const slow = await hub.listen({ reply_to: 'slow', topic: 't' });
  const quick = await hub.listen({ reply_to: 'quick', topic: 't' });
  const reading = take(quick, 20_000);
  for (let from = 1; from <= 20_000; from += 1000) await tell(from, from + 999);
  expect(await reading).toEqual(range(1, 20_000));
  expect(await take(slow, 20_000)).toEqual(range(1, 20_000));
});

test('a listener may begin in the middle, and who comes back goes on after what it had', async () => {
  subscriptions.push(subscription());
  await tell(1, 10);
  expect(await take(await hub.listen({ reply_to: 'me', topic: 't', from_seq: 4 }), 7)).toEqual(range(4, 10));
  expect(await take(await hub.listen({ reply_to: 'me', topic: 't', resume: { c: 8 } }), 2)).toEqual([9, 10]);
});

test('after an ack only what follows it comes again', async () => {
  subscriptions.push(subscription({ acked_seq: 7 }));
  await tell(1, 10);
  expect(await take(await hub.listen({ reply_to: 'me', topic: 't' }), 3)).toEqual([8, 9, 10]);
});

test('what comes to a topic that nobody listens to is held for the first who does; the second hears what is new', async () => {
  subscriptions.push(subscription({ reply_to: '' }));
  await tell(1, 5);
  const first = await hub.listen({ reply_to: 'a', topic: 't' });
  const second = await hub.listen({ reply_to: 'b', topic: 't' });
  await tell(6, 7);
  expect(await take(first, 7)).toEqual(range(1, 7));
  expect(await take(second, 2)).toEqual([6, 7]);
});

test('what is not read of such a topic when its listener goes is held for the next', async () => {
  subscriptions.push(subscription({ reply_to: '' }));
  const first = await hub.listen({ reply_to: 'a', topic: 't' });
  await tell(1, 5);
  expect(await take(first, 5)).toEqual(range(1, 5));
  await tell(6, 7);
  first.close();
  await tell(8, 9);
  expect(await take(await hub.listen({ reply_to: 'b', topic: 't' }), 4)).toEqual([6, 7, 8, 9]);
});

test('a passer-by hears what is new in such a topic, and takes it from nobody', async () => {
  subscriptions.push(subscription({ reply_to: '' }));
  await tell(1, 2);
  const passer_by = await hub.listen({ reply_to: '', topic: 't' });
  await tell(3, 4);
  expect(await take(passer_by, 2)).toEqual([3, 4]);
  passer_by.close();
  expect(await take(await hub.listen({ reply_to: 'a', topic: 't' }), 4)).toEqual([1, 2, 3, 4]);
});

test('a receiver’s events reach no other receiver and no other topic', async () => {
  subscriptions.push(subscription());
  const other = await hub.listen({ reply_to: 'you', topic: 't' });
  const elsewhere = await hub.listen({ reply_to: 'me', topic: 'u' });
  await tell(1, 3);
  other.close();
  elsewhere.close();
  expect([await other.take(), await elsewhere.take()]).toEqual([undefined, undefined]);
});

test('what retention has dropped is one gap that counts it, and the rest follows', async () => {
  subscriptions.push(subscription());
  const noise = Array.from({ length: 200 }, () =>
    Array.from({ length: 400 }, () => Math.random().toString(36)).join(''),
  );
  for (const line of noise)
    await journal.append('c', null, [
      { type: 'log', stream: 'stdout', attempt: 1, ts: '2026-01-01T00:00:00.000000000Z', line },
    ]);
  const { first_seq } = await journal.state('c');
  expect(first_seq).toBeGreaterThan(1);
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  const events: BerthEvent[] = [];
  while ((events.at(-1)?.seq ?? 0) < 200) events.push(...((await listener.take()) ?? []));
  expect(events[0]).toMatchObject({
    type: 'gap',
    reason: 'retention',
    from: 1,
    to: first_seq - 1,
    count: first_seq - 1,
  });
  expect(events.slice(1).map(({ seq }) => seq)).toEqual(range(first_seq, 200));
});

test('a subscription made while its receiver listens begins at once', async () => {
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  await tell(1, 4, 'd');
  hub.subscribed(subscription({ stream_id: 'd' }));
  expect(await take(listener, 4)).toEqual([1, 2, 3, 4]);
  hub.unsubscribed({ stream_id: 'd', reply_to: 'me', topic: 't' });
  await tell(5, 5, 'd');
  listener.close();
  expect(await listener.take()).toBeUndefined();
});

test('two hundred listeners of which half never read do not keep the others waiting', async () => {
  for (let index = 0; index < 200; index++) subscriptions.push(subscription({ reply_to: `r${index}` }));
  const listeners = await Promise.all(
    range(0, 199).map((index) => hub.listen({ reply_to: `r${index}`, topic: 't' })),
  );
  const reading = Promise.all(
    listeners.filter((_, index) => index % 2 === 0).map((listener) => take(listener, 10_000)),
  );
  for (let from = 1; from <= 10_000; from += 500) await tell(from, from + 499);
  for (const seqs of await reading) expect(seqs).toEqual(range(1, 10_000));
});

test('an observer hears every live event until it stops', async () => {
  const heard: number[] = [];
  const stop = hub.observe(({ seq }) => heard.push(seq));
  await tell(1, 3);
  stop();
  await tell(4, 4);
  await eventually(() => expect(heard).toEqual([1, 2, 3]));
});
