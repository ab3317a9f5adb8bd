import { afterEach, beforeEach, expect, test } from 'vitest';
import { aDoor, type Door, refusal } from '../support/a-door.ts';

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
