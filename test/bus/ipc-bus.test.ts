import { expect, test } from 'vitest';
import type { Notice } from '../../src/bus/bus.ts';
import { ipcPublisher } from '../../src/bus/ipc-bus.ts';

const notice: Notice = {
  kind: 'events',
  stream_id: 'c',
  events: Array.from({ length: 100 }, (_, index) => ({
    type: 'log',
    container_id: 'c',
    seq: index + 1,
    attempt: 1,
    ts: '2026-01-01T00:00:00.000000000Z',
    stream: 'stdout',
    line: 'x'.repeat(10_000),
  })),
};

test('a parent that does not read costs a worker bounded memory: notices are dropped, pokes are not', () => {
  const under_way: (() => void)[] = [];
  let pokes = 0;
  const { publish } = ipcPublisher((sent, done) => {
    if (sent.kind === 'poke') pokes += 1;
    else under_way.push(done);
  });
  for (let count = 0; count < 100; count++) publish(notice);
  publish({ kind: 'poke' });
  expect(under_way.length).toBeLessThan(10);
  expect(pokes).toBe(1);
  const before = under_way.length;
  for (const done of under_way) done();
  publish(notice);
  expect(under_way.length).toBe(before + 1);
});
