import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContainerEvent } from '../../contracts/events.ts';
import { createHub, type Hub, type Listener, type Subscription } from '../../src/bus/hub.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Journal } from '../../src/store/journal.ts';
import { openJournal } from '../../src/store/open-journal.ts';
import { aFolder } from '../support/a-folder.ts';
import { eventually } from '../support/eventually.ts';

let journal: Journal;
let hub: Hub;
let subscriptions: Subscription[];
let folder: Awaited<ReturnType<typeof aFolder>>;

beforeEach(async () => {
  folder = await aFolder();
  journal = await openJournal({ path: `${folder.path}/logs.db`, max_bytes_per_container: 200_000 });
  subscriptions = [];
  hub = createHub({
    replay: journal.read,
    nextSeq: async (id) => (await journal.state(id)).next_seq,
    subscriptionsOf: ({ reply_to, topic }) =>
      subscriptions.filter(
        (one) => one.topic === topic && (one.reply_to === reply_to || one.reply_to === ''),
      ),
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
  container_id: 'c',
  reply_to: 'me',
  topic: 't',
  acked_seq: 0,
  ...more,
});
const store = async (from: number, to: number, container = 'c'): Promise<readonly ContainerEvent[]> => {
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
  hub.publish({ kind: 'events', container_id: container, events: await store(from, to, container) });
async function take(listener: Listener, count: number): Promise<number[]> {
  const seqs: number[] = [];
  while (seqs.length < count) seqs.push(...((await listener.take()) ?? []).map(({ seq }) => seq));
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

test('a notice that comes twice is told once', async () => {
  subscriptions.push(subscription());
  const listener = await hub.listen({ reply_to: 'me', topic: 't' });
  const events = await store(1, 5);
  hub.publish({ kind: 'events', container_id: 'c', events });
  hub.publish({ kind: 'events', container_id: 'c', events });
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

test('a topic without a receiver reaches everybody who listens to it, from now on', async () => {
  subscriptions.push(subscription({ reply_to: '' }));
  await tell(1, 5);
  const one = await hub.listen({ reply_to: 'a', topic: 't' });
  const two = await hub.listen({ reply_to: '', topic: 't' });
  await tell(6, 7);
  expect(await take(one, 2)).toEqual([6, 7]);
  expect(await take(two, 2)).toEqual([6, 7]);
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
  const events: ContainerEvent[] = [];
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
  await hub.subscribed(subscription({ container_id: 'd' }));
  expect(await take(listener, 4)).toEqual([1, 2, 3, 4]);
  hub.unsubscribed({ container_id: 'd', reply_to: 'me', topic: 't' });
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
