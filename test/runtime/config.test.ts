import { expect, test } from 'vitest';
import { readConfig } from '../../src/runtime/config.ts';

test('what the environment says is read once, and what is empty says nothing', () => {
  expect(
    readConfig({
      BERTH_STATE: '/s',
      BERTH_WORKERS: '3',
      DOCKER_HOST: '',
      DOCKER_TLS_VERIFY: '1',
      OTHER: 'x',
    }),
  ).toMatchObject({
    state: '/s',
    workers: 3,
    docker_host: undefined,
    tls_verify: true,
    variables: { OTHER: 'x' },
  });
});

test.each([
  ['BERTH_WORKERS', '0'],
  ['BERTH_WORKERS', 'two'],
  ['BERTH_LOG_LEVEL', 'loud'],
  ['BERTH_STRICT_ERRORS', 'yes'],
])('%s=%s is an invalid_config that names it', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining(name) }),
  );
});

test.each([
  ['0', true],
  ['1', true],
  ['yes', true],
  ['', undefined],
])('DOCKER_TLS_VERIFY=%s is %s, as docker’s own client takes it', (text, flag) => {
  expect(readConfig({ DOCKER_TLS_VERIFY: text }).tls_verify).toBe(flag);
});
