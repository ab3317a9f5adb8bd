import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { inputFromFlags } from '../../src/cli/flags.ts';

const create = containers.methods.create.input;

test('flags become the input that the schema wants: numbers, lists, objects, booleans', () => {
  const words =
    '--image redis:7 --name cache --env.A 1 --stream.topic my.events --interactive --no-init --cpu_limit 1.5'.split(
      ' ',
    );
  expect(inputFromFlags(words, create)).toEqual({
    image: 'redis:7',
    name: 'cache',
    env: { A: 1 },
    stream: { topic: 'my.events' },
    interactive: true,
    init: false,
    cpu_limit: 1.5,
  });
});

test('a text that looks like a number stays text where the schema takes only text', () => {
  expect(inputFromFlags(['--image', '7', '--name', '12'], create)).toEqual({ image: '7', name: '12' });
});

test('a repeated flag of a list adds to it, and JSON may be given for lists and objects', () => {
  const input = inputFromFlags(
    ['--args', 'a', '--args', 'b', '--ports', '[{"container":80}]', '--labels={"x":"y"}'],
    create,
  );
  expect(input).toEqual({ args: ['a', 'b'], ports: [{ container: 80 }], labels: { x: 'y' } });
});

test('a field that takes a text or a list is a text, and a list once it is repeated', () => {
  expect(inputFromFlags(['--command', 'echo hello'], create)).toEqual({ command: 'echo hello' });
  expect(inputFromFlags(['--command', 'echo', '--command', 'a b'], create)).toEqual({
    command: ['echo', 'a b'],
  });
  expect(inputFromFlags(['--id', 'a', '--id', 'b', '--id', 'c'], containers.methods.stats.input)).toEqual({
    id: ['a', 'b', 'c'],
  });
});

test('dashes in a flag are the underscores of the field', () => {
  expect(inputFromFlags(['--work-dir', '/srv'], create)).toEqual({ work_dir: '/srv' });
});

test.each([['stray'], ['--image']])('%s is refused as invalid_input', (...words) => {
  expect(() => inputFromFlags(words, create)).toThrow(
    expect.toSatisfy((error) => isContractError(error, 'invalid_input')),
  );
});

test('a flag called __proto__ changes no prototype', () => {
  const input = inputFromFlags(['--__proto__.polluted', 'yes'], create);
  expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
  expect({}).not.toHaveProperty('polluted');
});
