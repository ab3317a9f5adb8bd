import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { containerLabels } from '../../src/engine/labels.ts';
import { timestamp } from '../../src/runtime/clock.ts';
import { aDoor, type Door, refusal } from '../support/a-door.ts';
import { IDENTITY } from '../support/a-workplace.ts';
import { aNewContainer, aNewLine, timeOf } from '../support/builders.ts';

let door: Door;
beforeEach(async () => {
  door = await aDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

/** What a worker would write. */
const bring = (id: string, patch: Parameters<Door['store']['containers']['release']>[1]): void => {
  const now = Date.now();
  const { containers } = door.store;
  const claim = containers.claim({ worker: 'w', limit: 100, now, lease_ms: 60_000 });
  for (const one of claim)
    containers.release(one.claim, one.claim.id === id ? patch : {}, one.claim.id === id ? null : now, now);
};
const removed = (id: string): void => {
  door.store.containers.change(id, { desired_state: 'removed' }, Date.now());
  bring(id, { status: 'removed', removed_at: Date.now() });
};
const foreign = async (name: string, labels: Record<string, string> = {}): Promise<string> => {
  await door.engine.images.pull('busybox:latest', {});
  const { id } = await door.engine.containers.create({
    name,
    spec: { image: 'busybox:latest', command: 'echo theirs' },
    restart_policy: 'no',
    aliases: [],
    labels,
    keep_volumes: {},
  });
  return id;
};
const write = (id: string, from: number, to: number): Promise<unknown> =>
  door.journal.append(
    id,
    null,
    Array.from({ length: to - from + 1 }, (_, index) =>
      aNewLine(from + index, { stream: (from + index) % 2 === 0 ? 'stderr' : 'stdout' }),
    ),
  );

describe('create', () => {
  test('answers at once with a row and its subscription; the caller is whom the events reach', async () => {
    const { id, status } = await door.docker.create({ name: 'cache', stream: { topic: 't' } });
    expect([id, status]).toEqual([expect.stringMatching(/^ctr_[0-9A-Z]{26}$/), 'pending']);
    expect(door.store.subscriptions.ofContainer(id)).toMatchObject([{ reply_to: 'me', topic: 't' }]);
    expect(await door.docker.get({ id: 'cache' })).toMatchObject({
      id,
      image: 'alpine:latest',
      managed: true,
      declared: false,
    });
  });

  test('with five bad fields is one error with five paths: no row, no engine call', async () => {
    const bad = {
      image: 'UPPER CASE',
      name: '/',
      command: 7,
      ports: [{ host: 'x', container: 80 }],
      memory_limit: 'lots',
    };
    // @ts-expect-error what a caller in another language may send
    const { code, paths } = await refusal(door.docker.create(bad));
    expect([code, paths]).toEqual([
      'invalid_input',
      ['command', 'image', 'memory_limit', 'name', 'ports.0.host'],
    ]);
    expect(door.store.containers.list({ limit: 10 })).toEqual([]);
    expect(door.calls()).toEqual({});
  });

  test('what a volume is made of is refused beside its name, and taken without one', async () => {
    const made = { driver: 'local', driver_opts: { type: 'tmpfs' }, labels: { a: 'b' } };
    const named = {
      type: 'volume',
      source: 'data',
      target: '/data',
      volume: { ...made, nocopy: true },
    } as const;
    expect(await refusal(door.docker.create({ mounts: [named] }))).toMatchObject({
      code: 'invalid_input',
      paths: ['mounts.0.volume.driver', 'mounts.0.volume.driver_opts', 'mounts.0.volume.labels'],
    });
    const { id } = await door.docker.create({ mounts: [{ type: 'volume', target: '/data', volume: made }] });
    expect(door.store.containers.get(id)?.spec.mounts).toMatchObject([{ volume: made }]);
  });

  test('a relative path of the machine is refused: a call is nowhere', async () => {
    const bad = door.docker.create({
      volumes: [
        { host: './data', container: '/data' },
        { host: '/srv', container: '/srv' },
      ],
    });
    expect(await refusal(bad)).toMatchObject({ code: 'invalid_input', paths: ['volumes.0.host'] });
    expect(door.store.containers.present()).toEqual([]);
  });

  test('a name that is taken is name_conflict, and leaves no subscription', async () => {
    const { id } = await door.docker.create({ name: 'one', command: 'sleep 1' });
    for (const if_exists of ['fail', 'reuse'] as const) {
      const again = { name: 'one', command: 'sleep 2', if_exists, stream: { topic: 't' } };
      expect((await refusal(door.docker.create(again))).code).toBe('name_conflict');
    }
    expect(door.store.subscriptions.all()).toEqual([]);
    expect(door.store.containers.get(id)?.generation).toBe(1);
  });

  test('reuse of what is the same changes nothing; of what is being removed it says so', async () => {
    const same = { name: 'one', command: 'sleep 1', if_exists: 'reuse' } as const;
    const { id } = await door.docker.create(same);
    expect(await door.docker.create(same)).toMatchObject({ id });
    expect(door.store.containers.get(id)?.generation).toBe(1);
    await door.docker.delete({ id });
    expect((await refusal(door.docker.create(same))).message).toContain('being removed');
  });

  test('replace is a change of mind about the same row, and its stream begins with what is new', async () => {
    const { id } = await door.docker.create({ name: 'one', command: 'sleep 1' });
    await write(id, 1, 10);
    const again = { name: 'one', command: 'sleep 2', if_exists: 'replace', stream: { topic: 't' } } as const;
    expect(await door.docker.create(again)).toEqual({ id, status: 'pending' });
    expect(door.store.containers.get(id)).toMatchObject({ generation: 2, spec: { command: 'sleep 2' } });
    expect(door.store.subscriptions.ofContainer(id)).toMatchObject([{ acked_seq: 10 }]);
  });

  test('the name of a registry entry is taken, whatever is said', async () => {
    door.store.containers.insert(aNewContainer({ id: 'app:cache', name: 'cache' }));
    for (const if_exists of ['fail', 'reuse', 'replace'] as const)
      expect((await refusal(door.docker.create({ name: 'cache', if_exists }))).code).toBe('name_conflict');
  });

  test('a name that reads like another’s id takes nothing of that one', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    const other = await door.docker.create({ name: id, command: 'true', if_exists: 'replace' });
    expect(other.id).not.toBe(id);
    expect(door.store.containers.get(id)).toMatchObject({ name: 'one', generation: 1 });
  });
});

describe('get and list', () => {
  test('a removed one is found until retention ends; its name may be somebody else’s by then', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    removed(id);
    expect(await door.docker.get({ id: 'one' })).toMatchObject({ id, status: 'removed' });
    const theirs = await foreign('one');
    expect(await door.docker.get({ id: 'one' })).toMatchObject({ id: theirs, managed: false });
    expect(await door.docker.get({ id })).toMatchObject({ id, status: 'removed' });
  });

  test('the beginning of an id is enough when it is long enough and only one begins so', async () => {
    const { id } = await door.docker.create({ name: 'cache' });
    const other = await door.docker.create({ name: 'other' });
    bring(id, { engine_id: 'c0ffee00'.repeat(8) });
    expect((await door.docker.get({ id: 'c0ffee00c0ff' })).id).toBe(id);
    expect((await door.docker.get({ id: other.id.slice(0, -4) })).id).toBe(other.id);
    expect(await refusal(door.docker.get({ id: id.slice(0, 10) }))).toMatchObject({
      code: 'ambiguous_name',
      message: expect.stringContaining(other.id),
    });
    expect(await refusal(door.docker.get({ id: 'c0ffee' }))).toMatchObject({ code: 'not_found' });
    removed(id);
    expect(await refusal(door.docker.get({ id: 'c0ffee00c0ff' }))).toMatchObject({ code: 'not_found' });
  });

  test('an engine that does not answer makes answers stale, not failures', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    door.answers = false;
    expect((await door.docker.get({ id })).stale).toBe(true);
    expect((await door.docker.list({})).containers).toMatchObject([{ id, stale: true }]);
  });

  test('pages hold every row once, newest first, and what is removed only when it is asked for', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 25; number++)
      ids.unshift((await door.docker.create({ name: `n${number}` })).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await door.docker.list({ limit: 10, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.containers.map(({ id }) => id));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual(ids.toSorted());
    removed(ids[0] ?? '');
    expect((await door.docker.list({ limit: 1000 })).containers).toHaveLength(24);
    expect((await door.docker.list({ status: 'removed' })).containers).toMatchObject([{ id: ids[0] }]);
  });

  test.each(['x', 'W10', Buffer.from('[1]').toString('base64url')])(
    'the cursor %s is none of ours',
    async (cursor) => {
      expect(await refusal(door.docker.list({ cursor }))).toMatchObject({
        code: 'invalid_input',
        paths: ['cursor'],
      });
    },
  );

  test('with all, those of others are shown; one of ours that its row does not name yet is none of them', async () => {
    const { id } = await door.docker.create({ name: 'ours' });
    await foreign('ours', containerLabels(IDENTITY, id, 'hash'));
    await foreign('theirs', { 'berth.instance': IDENTITY.instance, 'berth.id': id });
    const { containers } = await door.docker.list({ all: true });
    expect(containers.map(({ name, managed }) => [name, managed])).toEqual([
      ['ours', true],
      ['theirs', false],
    ]);
  });
});

describe('list with all', () => {
  test.for([1, 2, 3, 5])('and limit %i holds no more on a page, and each container once', async (limit) => {
    for (const name of ['one', 'two', 'three']) await door.docker.create({ name });
    for (const name of ['their-x', 'their-y', 'their-z']) await foreign(name);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await door.docker.list({ all: true, limit, ...(cursor && { cursor }) });
      pages.push(page.containers.map(({ name }) => name));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    const names = pages.flat();
    expect(pages.map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(6 / limit) }, (_, index) => Math.min(limit, 6 - index * limit)),
    );
    expect(names.slice(0, 3).sort()).toEqual(['one', 'three', 'two']);
    expect(names.slice(3).sort()).toEqual(['their-x', 'their-y', 'their-z']);
  });
});

describe('delete', () => {
  test('is wanted once, and asking again or for one that is gone is a success', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    await door.docker.delete({ id });
    await door.docker.delete({ id: 'one' });
    expect(door.store.containers.get(id)).toMatchObject({ desired_state: 'removed', generation: 2 });
    await door.docker.delete({ id, timeout: 0 });
    expect(door.store.containers.get(id)).toMatchObject({ desired_state: 'removed', stop_timeout: 0 });
    removed(id);
    expect(await door.docker.delete({ id })).toEqual({ id, status: 'removed' });
  });

  test('of a declared one is refused with what to do, until its entry is gone', async () => {
    door.store.containers.insert(aNewContainer({ id: 'app:cache', entry_source: '/r/_index.yaml' }));
    expect(await refusal(door.docker.delete({ id: 'app:cache' }))).toMatchObject({
      code: 'wrong_state',
      message: expect.stringContaining('/r/_index.yaml'),
    });
    door.store.containers.change('app:cache', { desired_state: 'removed' }, Date.now());
    expect(await door.docker.delete({ id: 'app:cache' })).toMatchObject({ id: 'app:cache' });
  });

  test('of one that somebody else made is refused, and nothing is asked of the engine that changes it', async () => {
    await foreign('theirs');
    expect((await refusal(door.docker.delete({ id: 'theirs' }))).code).toBe('not_ours');
    expect(door.calls()).not.toHaveProperty(['containers.remove']);
    expect((await refusal(door.docker.delete({ id: 'nobody' }))).code).toBe('not_found');
  });

  test('that waits is answered when the row is gone, though no event tells of it', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    const waiting = door.docker.delete({ id, wait: true });
    removed(id);
    expect(await waiting).toEqual({ id, status: 'removed' });
  });

  test('that waits ends when this Berth does, or its caller', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    const ending = new AbortController();
    const gone = refusal(door.docker.delete({ id, wait: true }, { signal: ending.signal }));
    ending.abort();
    expect((await gone).code).toBe('aborted');
    const left = refusal(door.docker.delete({ id, wait: true }));
    door.hub.close();
    expect((await left).code).toBe('aborted');
  });
});

describe('logs', () => {
  test('pages by cursor give each line once, also after the container is gone', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    await write(id, 1, 250);
    removed(id);
    const seen: string[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      const page = await door.docker.logs({ id, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.lines.map(({ line }) => line));
      cursor = page.next_cursor;
      more = page.has_more;
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => `line ${index + 1}`));
  });

  test('tail, stream, since and until narrow them down', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    await write(id, 1, 100);
    const lines = async (query: object): Promise<string[]> =>
      (await door.docker.logs({ id, ...query })).lines.map(({ line }) => line);
    expect(await lines({ tail: 2 })).toEqual(['line 99', 'line 100']);
    expect(await lines({ tail: 0 })).toEqual([]);
    expect(await lines({ tail: 2, stream: 'stderr' })).toEqual(['line 98', 'line 100']);
    expect(await lines({ since: timeOf(99) })).toEqual(['line 99', 'line 100']);
    expect(await lines({ until: timeOf(2) })).toEqual(['line 1', 'line 2']);
    expect(await lines({ since: '1m' })).toEqual([]);
    expect(await lines({ since: Date.parse(timestamp(0)) / 1000, limit: 1 })).toEqual(['line 1']);
  });

  test.each([1e20, '99999999999999', '10mx', '2026-13-45T00:00:00Z'])('%s is no time', async (since) => {
    const { id } = await door.docker.create({ name: 'one' });
    expect(await refusal(door.docker.logs({ id, since }))).toMatchObject({
      code: 'invalid_input',
      paths: ['since'],
    });
  });

  test('of somebody else’s container are what the engine has', async () => {
    const id = await foreign('theirs');
    await door.engine.containers.start(id);
    await expect
      .poll(async () => (await door.docker.logs({ id: 'theirs' })).lines, { timeout: 60_000 })
      .toMatchObject([{ seq: 0, stream: 'stdout', line: 'theirs' }]);
  });
});

describe('subscribe, ack and unsubscribe', () => {
  test('a subscription begins with what is new, or from the event named; asked again from there, anew', async () => {
    const { id } = await door.docker.create({ name: 'one' });
    await write(id, 1, 10);
    const { next_seq } = await door.docker.subscribe({ id, stream: { topic: 'new' } });
    expect(next_seq).toBe(11);
    await door.docker.subscribe({ id, stream: { topic: 'old' }, from_seq: 4 });
    await door.docker.ack({ id, stream: { topic: 'old' }, seq: 9 });
    await door.docker.subscribe({ id, stream: { topic: 'old' } });
    const acked = (): number[] => door.store.subscriptions.ofContainer(id).map(({ acked_seq }) => acked_seq);
    expect(acked().toSorted((a, b) => a - b)).toEqual([9, 10]);
    await door.docker.subscribe({ id, stream: { topic: 'old' }, from_seq: 2 });
    expect(acked().toSorted((a, b) => a - b)).toEqual([1, 10]);
  });

  test('an ack never moves back, and names no event that was not told', async () => {
    const { id } = await door.docker.create({ name: 'one', stream: { topic: 't' } });
    await write(id, 1, 10);
    const stream = { topic: 't' };
    expect(await door.docker.ack({ id, stream, seq: 7 })).toEqual({ acked_seq: 7 });
    expect(await door.docker.ack({ id, stream, seq: 3 })).toEqual({ acked_seq: 7 });
    expect(await refusal(door.docker.ack({ id, stream, seq: 11 }))).toMatchObject({
      code: 'invalid_input',
      paths: ['seq'],
    });
    expect((await refusal(door.as('you').ack({ id, stream, seq: 1 }))).code).toBe('not_found');
  });

  test('whoever unsubscribes without a receiver means itself', async () => {
    const { id } = await door.docker.create({ name: 'one', stream: { topic: 't' } });
    await door.as('you').subscribe({ id, stream: { topic: 't' } });
    expect(await door.docker.unsubscribe({ id, stream: { topic: 't' } })).toEqual({ removed: 1 });
    expect(door.store.subscriptions.ofContainer(id)).toMatchObject([{ reply_to: 'you' }]);
    expect(await door.docker.unsubscribe({ id, stream: { topic: 't' } })).toEqual({ removed: 0 });
  });
});

describe('wait', () => {
  test.each([1.001, 40 * 86_400])(
    'for %s seconds is no defect, and does not end before its time',
    async (timeout) => {
      const { id } = await door.docker.create({ name: 'cache' });
      const ending = new AbortController();
      const waiting = door.docker.wait({ id, timeout }, { signal: ending.signal });
      const quick = new Promise((resolve) => setTimeout(() => resolve('still waiting'), 100));
      expect(await Promise.race([waiting, quick])).toBe('still waiting');
      ending.abort();
      await waiting.catch(() => undefined);
    },
  );
});
