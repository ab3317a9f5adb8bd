import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Listener } from '../../src/bus/hub.ts';
import { createOperations } from '../../src/handlers/operations.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import type { NewOperationEvent } from '../../src/store/journal.ts';
import { aDoor, type Door } from '../support/a-door.ts';

let door: Door;
beforeEach(async () => {
  door = await aDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const TARGET = { reply_to: 'me', topic: 'work' };
const line = (text: string): NewOperationEvent => ({
  type: 'log',
  attempt: 1,
  ts: '2026-01-01T00:00:00.000000000Z',
  stream: 'stdout',
  line: text,
});
async function untilDone(listener: Listener): Promise<readonly BerthEvent[]> {
  const all: BerthEvent[] = [];
  for (let events = await listener.take(); events !== undefined; events = await listener.take()) {
    all.push(...events);
    if (events.some(({ type }) => type === 'done')) break;
  }
  return all;
}
const textOf = (event: BerthEvent): string =>
  event.type === 'log' ? `${event.seq} ${event.line}` : `${event.seq} ${event.type}`;

test('what an operation tells before anybody listens is held for the first who does, each event once and in order', async () => {
  const operation = door.operations.begin({ kind: 'exec', target: TARGET });
  await Promise.all(['a', 'b', 'c'].map((text) => operation.tell([line(text)])));
  const listener = await door.hub.listen(TARGET);
  await operation.tell([line('d')]);
  await operation.end({ outcome: 'succeeded', exit_code: 0 });
  const events = await untilDone(listener);
  expect(events.map(textOf)).toEqual(['1 a', '2 b', '3 c', '4 d', '5 done']);
  expect(events.every((event) => 'operation_id' in event && event.operation_id === operation.id)).toBe(true);
  expect(events.at(-1)).toMatchObject({ outcome: 'succeeded', exit_code: 0 });
});

test('a second listener of the same receiver hears nothing again of what the first has heard', async () => {
  const first = door.operations.begin({ kind: 'exec', target: TARGET });
  await first.tell([line('old')]);
  await first.end({ outcome: 'succeeded' });
  const listener = await door.hub.listen(TARGET);
  await untilDone(listener);
  listener.close();
  const second = door.operations.begin({ kind: 'exec', target: TARGET });
  await second.tell([line('new')]);
  await second.end({ outcome: 'succeeded' });
  expect((await untilDone(await door.hub.listen(TARGET))).map(textOf)).toEqual(['1 new', '2 done']);
});

test('work that fails ends its operation with the error, and the error reaches the caller', async () => {
  const operation = door.operations.begin({ kind: 'pull', target: TARGET });
  const failing = door.operations.during(operation, async () => {
    throw new ContractError('image_denied', 'no entry');
  });
  await expect(failing).rejects.toMatchObject({ code: 'image_denied' });
  expect((await untilDone(await door.hub.listen(TARGET))).at(-1)).toMatchObject({
    type: 'done',
    outcome: 'failed',
    error: { code: 'image_denied', message: 'no entry' },
  });
});

test('an operation that is stopped hears of it, and ends as ended', async () => {
  const operation = door.operations.begin({ kind: 'stats', target: TARGET });
  expect(door.operations.stop(operation.id)).toBe(true);
  const work = door.operations.during(operation, async () => operation.signal.throwIfAborted());
  await expect(work).rejects.toMatchObject({ code: 'aborted' });
  expect((await untilDone(await door.hub.listen(TARGET))).at(-1)).toMatchObject({ outcome: 'ended' });
  expect(door.operations.stop(operation.id)).toBe(false);
});

test('what a former process left open is told to have been interrupted; what is under way is left alone', async () => {
  const { store, journal, hub } = door;
  const former = createOperations({ store, journal, hub, clock: systemClock });
  const left = former.begin({ kind: 'exec', target: TARGET });
  const own = door.operations.begin({ kind: 'exec', target: { ...TARGET, topic: 'own' } });
  await door.operations.endAbandoned();
  expect((await untilDone(await hub.listen(TARGET))).at(-1)).toMatchObject({
    operation_id: left.id,
    outcome: 'failed',
    error: { code: 'interrupted' },
  });
  expect(store.operations.open().map(({ stream_id }) => stream_id)).toEqual([own.id]);
});

test('events told faster than they can be stored are gathered, bounded, and kept in order', async () => {
  const operation = door.operations.begin({ kind: 'exec', target: TARGET });
  const telling: Promise<void>[] = [];
  for (let batch = 0; batch < 200; batch++)
    telling.push(operation.tell(Array.from({ length: 100 }, (_, index) => line(`${batch * 100 + index}`))));
  await Promise.all(telling);
  await operation.end({ outcome: 'succeeded' });
  const events = await untilDone(await door.hub.listen(TARGET));
  expect(events.slice(0, -1).map((event) => (event.type === 'log' ? Number(event.line) : -1))).toEqual(
    Array.from({ length: 20_000 }, (_, index) => index),
  );
});

test('what would go on for ever for a receiver that is gone is ended; what ends by itself is not', async () => {
  const samples = door.operations.begin({ kind: 'stats', target: TARGET });
  const others = door.operations.begin({ kind: 'stats', target: { ...TARGET, reply_to: 'you' } });
  const exec = door.operations.begin({ kind: 'exec', target: TARGET });
  door.operations.stopEndless('me');
  expect([samples, others, exec].map(({ signal }) => signal.aborted)).toEqual([true, false, false]);
});

test('a receiver may have two hundred streams under way, and one more when one has ended', async () => {
  const begin = () => door.operations.begin({ kind: 'stats', target: TARGET });
  const first = begin();
  for (let count = 1; count < 200; count++) begin();
  expect(begin).toThrow(expect.objectContaining({ code: 'too_many' }));
  door.operations.begin({ kind: 'stats', target: { ...TARGET, reply_to: 'you' } });
  await first.end({ outcome: 'ended' });
  begin();
});
