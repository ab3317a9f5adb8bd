import { expect, test } from 'vitest';
import { z } from 'zod';
import { containers } from '../../contracts/containers.ts';
import { defineContract } from '../../contracts/contract.ts';
import { ContractError, isContractError } from '../../contracts/contract-error.ts';
import { opener } from '../../src/dispatch/client.ts';
import { bind, type Call, createDispatch } from '../../src/dispatch/dispatch.ts';
import { silentLog } from '../../src/runtime/log.ts';

const sums = defineContract({
  id: 'test:sums',
  description: 'Sums.',
  methods: {
    add: {
      description: 'Add.',
      input: z.strictObject({
        a: z.int(),
        b: z.int(),
        deep: z.strictObject({ list: z.array(z.int()) }).optional(),
      }),
      output: z.object({ sum: z.int() }),
      errors: [],
      idempotent: true,
    },
    fail: {
      description: 'Fail.',
      input: z.strictObject({ how: z.string() }),
      output: z.object({}),
      errors: ['not_found'],
      idempotent: false,
    },
  },
});
let called = 0;
const dispatch = createDispatch(
  [
    bind(sums, {
      add: async ({ a, b }) => {
        called += 1;
        return { sum: a + b };
      },
      fail: async ({ how }) => {
        if (how === 'known') throw new ContractError('not_found', 'it is not there');
        throw new TypeError('a defect');
      },
    }),
  ],
  silentLog(),
);
const ask = (call: Partial<Call>): Promise<unknown> =>
  dispatch({
    contract_id: 'test:sums',
    method: 'add',
    input: {},
    caller: { kind: 'operator' },
    self: 'me',
    signal: new AbortController().signal,
    ...call,
  });
const rejected = async (call: Partial<Call>): Promise<ContractError> => {
  const error: unknown = await ask(call).catch((reason: unknown) => reason);
  if (!isContractError(error)) throw new Error(`no ContractError: ${String(error)}`);
  return error;
};

test('a good call is answered with what the handler says', async () => {
  expect(await ask({ input: { a: 1, b: 2 } })).toEqual({ sum: 3 });
});

test('every bad field is listed by its path, and the handler is not called', async () => {
  called = 0;
  const error = await rejected({ input: { a: 'x', deep: { list: [1, 'two'] }, extra: true } });
  expect(error.code).toBe('invalid_input');
  expect(error.problems?.map(({ path }) => path).toSorted()).toEqual(['a', 'b', 'deep.list.1', 'extra']);
  expect(called).toBe(0);
});

test('of a choice of forms, what is wrong with the nearest one is told', async () => {
  const handlers = { unsubscribe: async () => ({ removed: 0 }) };
  const door = createDispatch([{ contract: containers, handlers }], silentLog());
  const problems = async (input: unknown): Promise<unknown> =>
    door({
      contract_id: containers.id,
      method: 'unsubscribe',
      input,
      caller: { kind: 'operator' },
      self: 'me',
      signal: new AbortController().signal,
    }).catch((error: unknown) => (isContractError(error) ? error.problems?.map(({ path }) => path) : error));
  expect(await problems({ id: 'x', stream: { topic: 'a b' } })).toEqual(['stream.topic']);
  expect(await problems({ subscription_id: 5 })).toEqual(['subscription_id']);
  expect(await problems({ id: 'x' })).toEqual(['stream']);
});

test.each(['toString', '__proto__', 'constructor', 'nothing'])('there is no method %s', async (method) => {
  expect((await rejected({ method })).code).toBe('unknown_method');
});

test('an unknown contract is told with those that there are', async () => {
  expect(await rejected({ contract_id: 'none' })).toMatchObject({
    code: 'unknown_method',
    message: expect.stringContaining('test:sums'),
  });
});

test('a method or a contract that is nearly right is told what was meant', async () => {
  expect((await rejected({ method: 'ad' })).message).toMatch(/has no method ad \(did you mean `add`\?\)$/);
  expect((await rejected({ contract_id: 'test:sum' })).message).toMatch(/\(did you mean `test:sums`\?\)$/);
});

test('a contract is reached by its binding’s id too', async () => {
  expect(await ask({ contract_id: 'test:sums_binding', input: { a: 1, b: 1 } })).toEqual({ sum: 2 });
});

test('a handler’s own errors pass, any other becomes internal', async () => {
  expect((await rejected({ method: 'fail', input: { how: 'known' } })).code).toBe('not_found');
  expect((await rejected({ method: 'fail', input: { how: 'other' } })).code).toBe('internal');
});

test('a call whose caller is gone already does nothing', async () => {
  called = 0;
  expect((await rejected({ input: { a: 1, b: 2 }, signal: AbortSignal.abort() })).code).toBe('aborted');
  expect(called).toBe(0);
});

test('a client opens a contract by itself, by its id and by its binding’s id, and refuses another', async () => {
  const asked: unknown[] = [];
  const { open } = opener(async (request) => {
    asked.push(request);
    return { containers: [] };
  });
  await open(containers).list({});
  await open('userspace.docker:containers').list({ limit: 1 });
  await open('userspace.docker:containers_binding').list({});
  expect(asked).toMatchObject([
    { method: 'list' },
    { input: { limit: 1 } },
    { contract_id: 'userspace.docker:containers' },
  ]);
});
