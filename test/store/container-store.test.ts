import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ClaimedRow } from '../../src/store/container-row.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aNewContainer } from '../support/builders.ts';

const LEASE = 30_000;
let store: Store;
let now = 10_000;

beforeEach(async () => {
  now = 10_000;
  store = await openStore({ path: ':memory:', now: () => now });
});
afterEach(() => store.close());

const claim = (worker: string, more: { limit?: number; holding?: string[] } = {}): readonly ClaimedRow[] =>
  store.containers.claim({ worker, limit: 10, now, lease_ms: LEASE, ...more });
function claimOne(worker: string): ClaimedRow {
  const [claimed] = claim(worker);
  if (claimed === undefined) throw new Error('nothing to claim');
  return claimed;
}
const conflict = expect.toSatisfy((error: unknown) => isContractError(error, 'name_conflict'));

describe('rows', () => {
  test('a new row is pending, due now, and read back as it was written', () => {
    const made = aNewContainer({ spec: { image: 'redis:7', env: { A: '1' }, ports: [{ container: 80 }] } });
    expect(store.containers.insert(made)).toMatchObject({
      ...made,
      generation: 1,
      status: 'pending',
      due_at: now,
      claimed_by: null,
      attempt: 0,
    });
    expect(store.containers.get('app:cache')).toEqual(store.containers.find('cache'));
  });

  test('a row made anew after its purge has follow tokens above those that the journal may still know', () => {
    const follow = (): number => {
      const { claim: held } = claimOne('w1');
      const token = store.containers.takeFollow(held, now, LEASE)?.token ?? 0;
      store.containers.release(held, { status: 'removed', removed_at: now }, null, now);
      store.containers.dropFollow(held.id, 'w1', token);
      return token;
    };
    store.containers.insert(aNewContainer());
    const before = follow();
    now += 1000;
    expect(store.containers.purge(now)).toEqual(['app:cache']);
    store.containers.insert(aNewContainer());
    expect(follow()).toBeGreaterThan(before);
  });

  test('a name or id that a row has is a name_conflict, and nothing is written', () => {
    store.containers.insert(aNewContainer());
    expect(() => store.containers.insert(aNewContainer())).toThrow(conflict);
    expect(() => store.containers.insert(aNewContainer({ id: 'other:cache', name: 'cache' }))).toThrow(
      conflict,
    );
    expect(store.containers.present()).toHaveLength(1);
  });

  test('a removed row gives up its name, is taken over under its id with the next generation, and is purged after its time', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    expect(store.containers.release(held, { status: 'removed', removed_at: now }, null, now)).toBe(true);
    store.containers.insert(aNewContainer({ id: 'x:cache', name: 'cache' }));
    expect(store.containers.find('cache')?.id).toBe('x:cache');
    expect(() => store.containers.insert(aNewContainer())).toThrow(conflict);
    expect(store.containers.insert(aNewContainer({ name: 'cache2' }))).toMatchObject({
      generation: 2,
      status: 'pending',
      claim_token: 1,
    });
    const other = claimOne('w1');
    store.containers.release(other.claim, { status: 'removed', removed_at: now }, null, now);
    expect(store.containers.change(other.row.id, { desired_state: 'running' }, now)).toBeUndefined();
    expect(store.containers.purge(now)).toEqual([]);
    expect(store.containers.purge(now + 1)).toEqual([other.row.id]);
  });

  test('a change of mind is the next generation: pending, due, everything about the former one forgotten', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    store.containers.release(
      held,
      {
        status: 'failed',
        failures: 3,
        exit_code: 1,
        reason: { code: 'x', message: 'y' },
        next_attempt_at: 99,
      },
      99_999,
      now,
    );
    const changed = store.containers.change('app:cache', { desired_state: 'stopped' }, now + 5);
    expect(changed).toMatchObject({
      generation: 2,
      status: 'pending',
      due_at: now + 5,
      failures: 0,
      exit_code: null,
      reason: null,
      next_attempt_at: null,
      desired_state: 'stopped',
    });
  });

  test('rows are listed newest first, page by page, by status and by label', () => {
    for (let index = 0; index < 5; index++)
      store.containers.insert(
        aNewContainer({
          id: `app:c${index}`,
          created_at: 1000 + index,
          spec: { labels: { n: String(index), odd: index % 2 ? 'yes' : 'no' } },
        }),
      );
    const first = store.containers.list({ limit: 2 });
    expect(first.map(({ id }) => id)).toEqual(['app:c4', 'app:c3']);
    expect(
      store.containers.list({ limit: 9, before: { created_at: 1003, id: 'app:c3' } }).map(({ id }) => id),
    ).toEqual(['app:c2', 'app:c1', 'app:c0']);
    expect(store.containers.list({ limit: 9, labels: { odd: 'yes' } }).map(({ id }) => id)).toEqual([
      'app:c3',
      'app:c1',
    ]);
    expect(
      store.containers.list({ limit: 9, labels: { n: '', odd: 'no' }, status: ['pending'] }),
    ).toHaveLength(3);
    expect(store.containers.list({ limit: 9, status: ['running'] })).toEqual([]);
  });
});

describe('claims', () => {
  test('a claimed row is nobody else’s until its lease runs out, and each claim has a higher token', () => {
    store.containers.insert(aNewContainer());
    expect(claimOne('w1').claim.token).toBe(1);
    expect(claim('w2')).toEqual([]);
    now += LEASE;
    expect(claimOne('w2').claim.token).toBe(2);
  });

  test('a worker paused past its lease writes nothing when it wakes, whether or not somebody else has the row', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    now += LEASE + 1;
    expect(store.containers.holds(held, now)).toBe(false);
    expect(store.containers.write(held, { status: 'creating' }, now)).toBe(false);
    const taken = claimOne('w2');
    expect(store.containers.release(held, { status: 'running' }, null, now)).toBe(false);
    expect(store.containers.write(taken.claim, { status: 'creating' }, now)).toBe(true);
  });

  test('one renewal keeps all holds of a worker, but revives none that ran out', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    now += 20_000;
    store.containers.renew('w1', now, LEASE);
    now += 20_000;
    expect(store.containers.holds(held, now)).toBe(true);
    now += LEASE;
    store.containers.renew('w1', now, LEASE);
    expect(store.containers.holds(held, now)).toBe(false);
  });

  test('what is held already is not handed out to its holder again', () => {
    store.containers.insert(aNewContainer());
    claimOne('w1');
    expect(claim('w1', { holding: ['app:cache'] })).toEqual([]);
    expect(store.containers.nextDue({ worker: 'w1', now, holding: ['app:cache'] })).toBeUndefined();
  });

  test('what a worker claims again by itself has a new token, and its former claim writes nothing', () => {
    store.containers.insert(aNewContainer());
    const former = claimOne('w1');
    const latter = claimOne('w1');
    expect(store.containers.write(former.claim, { status: 'creating' }, now)).toBe(false);
    expect(store.containers.write(latter.claim, { status: 'creating' }, now)).toBe(true);
  });

  test('the most overdue rows are claimed first', () => {
    for (const [id, at] of [
      ['app:b', 3000],
      ['app:a', 1000],
      ['app:c', 2000],
    ] as const) {
      now = at;
      store.containers.insert(aNewContainer({ id }));
    }
    now = 10_000;
    expect(
      claim('w1', { limit: 2 })
        .map(({ row }) => row.id)
        .toSorted(),
    ).toEqual(['app:a', 'app:c']);
  });

  test('a touch or a change of mind during a claim is not lost: the row is due again at its release', () => {
    store.containers.insert(aNewContainer());
    const first = claimOne('w1');
    store.containers.touch(['app:cache'], now + 1);
    now += 10;
    store.containers.release(first.claim, { status: 'running' }, null, now);
    const second = claimOne('w1');
    store.containers.change('app:cache', { desired_state: 'stopped' }, now);
    store.containers.release(second.claim, { health: 'healthy' }, null, now);
    expect(claimOne('w1').row).toMatchObject({ desired_state: 'stopped', status: 'pending' });
  });

  test('the verdict about a former generation is not written over a change of mind; what the engine showed is', () => {
    store.containers.insert(aNewContainer());
    const removal = claimOne('w1');
    store.containers.change('app:cache', { desired_state: 'running' }, now);
    expect(
      store.containers.release(
        removal.claim,
        {
          status: 'removed',
          removed_at: now,
          failures: 2,
          engine_id: 'e1',
          applied_generation: 1,
        },
        null,
        now,
      ),
    ).toBe(true);
    expect(claimOne('w1').row).toMatchObject({
      generation: 2,
      status: 'pending',
      removed_at: null,
      failures: 0,
      engine_id: 'e1',
      applied_generation: 1,
    });
  });

  test('a released row is due when its release says so', () => {
    store.containers.insert(aNewContainer());
    store.containers.release(claimOne('w1').claim, { status: 'failed' }, now + 5000, now);
    expect(claim('w1')).toEqual([]);
    expect(store.containers.nextDue({ worker: 'w1', now })).toBe(now + 5000);
    now += 5000;
    expect(claim('w1')).toHaveLength(1);
  });

  test('a dead worker’s rows are free and due at once, and its late writes are fenced', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    const followed = store.containers.takeFollow(held, now, LEASE)?.token ?? 0;
    expect(store.containers.free('w1', now)).toEqual(['app:cache']);
    expect(store.containers.get('app:cache')).toMatchObject({
      claim_token: held.token + 1,
      follow_token: followed + 1,
    });
    expect(store.containers.write(held, { status: 'creating' }, now)).toBe(false);
    expect(claimOne('w2').row.follower).toBeNull();
  });

  test('a dead worker that only followed gives its rows back too, and a claim that another has of them stays', () => {
    store.containers.insert(aNewContainer());
    store.containers.insert(aNewContainer({ id: 'app:web' }));
    for (const { claim: held } of claim('w1')) {
      store.containers.takeFollow(held, now, LEASE);
      store.containers.release(held, { status: 'running' }, null, now);
    }
    expect(claim('w2')).toEqual([]);
    expect(store.containers.free('w1', now).toSorted()).toEqual(['app:cache', 'app:web']);
    expect(claim('w2')).toHaveLength(2);
    expect(store.containers.free('w1', now)).toEqual([]);
  });

  test('a row goes to its follower alone while that lives', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    const follow = store.containers.takeFollow(held, now, LEASE);
    store.containers.release(held, { status: 'running' }, now, now);
    expect(claim('w2')).toEqual([]);
    expect(store.containers.nextDue({ worker: 'w2', now })).toBeUndefined();
    const again = claimOne('w1');
    store.containers.release(again.claim, {}, now, now);
    store.containers.dropFollow('app:cache', 'w1', follow?.token ?? -1);
    expect(claim('w2')).toHaveLength(1);
  });

  test('a follow lease is not taken from a live follower, nor without a claim', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    expect(store.containers.takeFollow({ ...held, token: held.token + 1 }, now, LEASE)).toBeUndefined();
    const first = store.containers.takeFollow(held, now, LEASE);
    const second = store.containers.takeFollow(held, now, LEASE);
    expect(second?.token).toBeGreaterThan(first?.token ?? Number.POSITIVE_INFINITY);
    store.containers.release(held, {}, now, now);
    now += LEASE - 1;
    store.containers.renew('w1', now, LEASE);
    now += 2;
    expect(claim('w2')).toEqual([]);
    now += LEASE;
    const other = claimOne('w2');
    expect(store.containers.takeFollow(other.claim, now, LEASE)?.token).toBeGreaterThan(second?.token ?? 0);
  });

  test('a status move that the table forbids throws, and writes nothing', () => {
    store.containers.insert(aNewContainer());
    const { claim: held } = claimOne('w1');
    store.containers.write(held, { status: 'running' }, now);
    expect(() => store.containers.write(held, { status: 'pending', exit_code: 7 }, now)).toThrow(
      expect.toSatisfy((error: unknown) => isContractError(error, 'internal')),
    );
    expect(store.containers.get('app:cache')).toMatchObject({ status: 'running', exit_code: null });
  });
});

describe('subscriptions', () => {
  test('a row and its subscription are written together, and two of one target are one', () => {
    store.containers.insert(aNewContainer(), { reply_to: 'me', topic: 't' });
    const [made] = store.subscriptions.ofContainer('app:cache');
    expect(made).toMatchObject({ reply_to: 'me', topic: 't', acked_seq: 0 });
    expect(store.subscriptions.ensure('app:cache', { reply_to: 'me', topic: 't' }, now)).toEqual(made);
  });

  test('an ack never moves back', () => {
    store.containers.insert(aNewContainer(), { topic: 't' });
    store.subscriptions.ack('app:cache', { topic: 't' }, 5);
    expect(store.subscriptions.ack('app:cache', { topic: 't' }, 3)?.acked_seq).toBe(5);
    expect(store.subscriptions.ack('app:cache', { topic: 'none' }, 3)).toBeUndefined();
  });

  test('one target may follow several containers, and each has its own ack', () => {
    store.containers.insert(aNewContainer(), { reply_to: 'me', topic: 't' });
    store.containers.insert(aNewContainer({ id: 'app:web' }), { reply_to: 'me', topic: 't' });
    store.containers.insert(aNewContainer({ id: 'app:db' }), { topic: 't' });
    store.subscriptions.ack('app:web', { reply_to: 'me', topic: 't' }, 9);
    expect(store.subscriptions.ofTarget('me', 't').map((row) => [row.stream_id, row.acked_seq])).toEqual(
      expect.arrayContaining([
        ['app:cache', 0],
        ['app:web', 9],
      ]),
    );
    expect(store.subscriptions.ofTarget('', 't').map((row) => row.stream_id)).toEqual(['app:db']);
    expect(store.subscriptions.removeReceiver('me')).toBe(2);
    expect(store.subscriptions.all()).toHaveLength(1);
  });

  test('a subscription outlives the removal of its container until that is purged, and needs one to begin', () => {
    store.containers.insert(aNewContainer(), { topic: 't' });
    const { claim: held } = claimOne('w1');
    store.containers.release(held, { status: 'removed', removed_at: now }, null, now);
    store.containers.insert(aNewContainer());
    expect(store.subscriptions.ofContainer('app:cache')).toHaveLength(1);
    const again = claimOne('w1');
    store.containers.release(again.claim, { status: 'removed', removed_at: now }, null, now);
    store.containers.purge(now + 1);
    expect(store.subscriptions.all()).toEqual([]);
    expect(() => store.subscriptions.ensure('app:cache', { topic: 't' }, now)).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
  });

  test('a failed insert leaves no subscription behind', () => {
    store.containers.insert(aNewContainer());
    expect(() => store.containers.insert(aNewContainer(), { topic: 't' })).toThrow(conflict);
    expect(store.subscriptions.all()).toEqual([]);
  });
});

test('one worker at a time pulls an image, until its lease runs out or it is freed', () => {
  expect(store.pulls.acquire('redis:7', 'w1', now, LEASE)).toBe(true);
  expect(store.pulls.acquire('redis:7', 'w1', now, LEASE)).toBe(true);
  expect(store.pulls.acquire('redis:7', 'w2', now, LEASE)).toBe(false);
  store.pulls.free('w1');
  expect(store.pulls.acquire('redis:7', 'w2', now, LEASE)).toBe(true);
  expect(store.pulls.acquire('redis:7', 'w1', now + LEASE, LEASE)).toBe(true);
});
