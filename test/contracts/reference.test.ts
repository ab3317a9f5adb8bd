import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Contract } from '../../contracts/contract.ts';
import { EXAMPLES } from '../../contracts/examples.ts';
import { CONTRACTS } from '../../src/dispatch/client.ts';
import { referenceText } from '../../src/dispatch/reference/reference.ts';

const METHODS = Object.values<Contract>(CONTRACTS).flatMap(({ id, methods }) =>
  Object.entries(methods).map(([name, method]) => ({ id, name, method })),
);

async function* noBytes(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
}

test.each(METHODS)('$id $name has an example that fits its schema', ({ id, name, method }) => {
  expect(EXAMPLES[id]).toHaveProperty(name);
  const example = EXAMPLES[id]?.[name];
  const input = method.bytes === 'in' ? { ...Object(example), tar: noBytes() } : example;
  expect(method.input.safeParse(input)).toMatchObject({ success: true });
});

test('there is no example of what is no method', () => {
  const known = METHODS.map(({ id, name }) => `${id} ${name}`);
  const shown = Object.entries(EXAMPLES).flatMap(([id, methods]) =>
    Object.keys(methods).map((name) => `${id} ${name}`),
  );
  expect(shown.filter((one) => !known.includes(one))).toEqual([]);
});

test('contracts/README.md is what the contracts say (else: npm run reference)', async () => {
  expect(await readFile(new URL('../../contracts/README.md', import.meta.url), 'utf8')).toBe(referenceText());
});
