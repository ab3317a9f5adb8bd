import { expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { eventually } from '../support/eventually.ts';
import { aFakeDaemon, chunks } from '../support/fake-daemon.ts';

const started = `${JSON.stringify({
  Type: 'container',
  Action: 'start',
  Actor: { ID: 'c1', Attributes: { name: 'web', image: 'x' } },
  time: 1767323045,
  timeNano: 1767323045123456789n.toString(),
})}\n`.replace(/"(\d{19})"/, '$1');

test('an engine that listens is `connected` before it has anything to tell', async () => {
  await using daemon = await aFakeDaemon({ 'GET /events': chunks([], 'stay') });
  const caller = new AbortController();
  const events = daemon.engine().system.events({}, caller.signal)[Symbol.asyncIterator]();
  expect((await events.next()).value).toEqual({ type: 'connected' });
  const next = events.next();
  caller.abort();
  await expect(next).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
  await eventually(() => expect(daemon.connections.size).toBeLessThanOrEqual(1));
});

test.each(['end', 'break'] as const)(
  'a stream of events never just ends: at its %s it throws',
  async (then) => {
    await using daemon = await aFakeDaemon({
      'GET /events': chunks([started.slice(0, 30), started.slice(30), 'no json\n'], then),
    });
    const told: unknown[] = [];
    const reading = (async () => {
      for await (const event of daemon.engine().system.events({}, new AbortController().signal))
        told.push(event);
    })();
    await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
    expect(told).toEqual([
      { type: 'connected' },
      {
        type: 'container',
        action: 'start',
        id: 'c1',
        name: 'web',
        attributes: { name: 'web', image: 'x' },
        ts: '2026-01-02T03:04:05.123Z',
      },
    ]);
  },
);
