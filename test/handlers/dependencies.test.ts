import { afterEach, beforeEach, expect, test } from 'vitest';
import { acting } from '../../src/handlers/groups/acting.ts';
import { sessionParts } from '../../src/handlers/sessions/session-parts.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { aDoor, type Door, refusal } from '../support/a-door.ts';
import { IDENTITY } from '../support/a-workplace.ts';

let door: Door;
beforeEach(async () => {
  door = await aDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

test('what could wait for ever is refused with the way round, before anything is written down', async () => {
  const ring = await refusal(
    door.docker.compose({
      name: 'shop',
      containers: [
        { name: 'a', depends_on: ['b'] },
        { name: 'b', depends_on: { a: { condition: 'healthy' } } },
      ],
    }),
  );
  expect(ring).toMatchObject({ code: 'invalid_input', message: 'they need each other: a → b → a' });
  expect((await refusal(door.docker.create({ name: 'xx', depends_on: ['xx'] }))).message).toBe(
    'xx needs itself',
  );
  await door.docker.create({ name: 'yy', depends_on: ['zz'] });
  await door.docker.create({ name: 'ww', depends_on: ['yy'] });
  const last = await refusal(door.docker.create({ name: 'zz', depends_on: { ww: {} } }));
  expect(last).toMatchObject({ code: 'invalid_input' });
  expect(last.message).toMatch(/^they need each other: (\w\w → ){3}\w\w$/);
  expect(door.store.containers.present().map(({ name }) => name)).toEqual(['yy', 'ww']);
});

test('a start brings along what it needs, by any number of steps, in one go', async () => {
  const { docker, store } = door;
  for (const [name, ...depends_on] of [['db'], ['api', 'db'], ['web', 'api'], ['other', 'db']])
    await docker.create({ name: name ?? '', depends_on, start: false });
  const wanted = (): Record<string, string> =>
    Object.fromEntries(store.containers.present().map((row) => [row.name, row.desired_state]));
  await docker.start({ id: 'web' });
  expect(wanted()).toEqual({ db: 'running', api: 'running', web: 'running', other: 'created' });
  for (const id of ['db', 'api', 'web']) await docker.stop({ id });
  await docker.restart({ id: 'api' });
  expect(wanted()).toMatchObject({ db: 'running', api: 'running', web: 'stopped' });
});

test('a group changes its mind as one: nobody sees a member that stops while what needs it still is to run', async () => {
  const { docker, store } = door;
  await docker.compose({ name: 'shop', containers: [{ name: 'db' }, { name: 'web', depends_on: ['db'] }] });
  const seen: string[] = [];
  const { start, stop, restart } = acting({
    ...door,
    sessions: sessionParts(door.engine),
    identity: IDENTITY,
    clock: systemClock,
    poke: () =>
      seen.push(
        store.groups
          .members('shop')
          .map((row) => row.desired_state)
          .join(),
      ),
    attended: () => true,
    engineAnswers: async () => true,
  });
  const context = { caller: { kind: 'operator' }, self: 'me', signal: new AbortController().signal } as const;
  await stop({ group: 'shop' }, context);
  await start({ group: 'shop' }, context);
  await restart({ group: 'shop' }, context);
  expect(seen).toEqual(['stopped,stopped', 'running,running', 'running,running']);
});
