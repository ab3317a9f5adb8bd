import { expect, test } from 'vitest';
import { compareServices } from '../../../src/plan/groups/compare-services.ts';
import { endpointsOf } from '../../../src/plan/groups/endpoints.ts';
import { groupStatus, type StatusOfMember } from '../../../src/plan/groups/group-status.ts';
import type { ReleaseService } from '../../../src/plan/groups/release.ts';
import { serviceGraph } from '../../../src/plan/groups/service-graph.ts';

const member = (given: Partial<StatusOfMember>): StatusOfMember => ({
  ...{ role: 'main', status: 'running', exit_code: null, ready: true, wanted: 'running' },
  ...given,
});

test.each<[string, readonly Partial<StatusOfMember>[], string, boolean]>([
  ['all that run', [{}, { role: 'sidecar' }], 'running', true],
  ['a crash loop is not running', [{}, { status: 'restarting', ready: false }], 'restarting', false],
  [
    'a crash is failed, not stopped',
    [
      { status: 'stopped', ready: false },
      { status: 'failed', exit_code: 1, ready: false },
    ],
    'failed',
    false,
  ],
  [
    'a completed init does not count',
    [{}, { role: 'init', status: 'stopped', exit_code: 0, ready: false }],
    'running',
    true,
  ],
  [
    'a failed init does',
    [
      { status: 'waiting', ready: false },
      { role: 'init', status: 'failed', exit_code: 1, ready: false },
    ],
    'failed',
    false,
  ],
  [
    'jobs that are done, and nothing else, have stopped',
    [{ role: 'job', status: 'stopped', exit_code: 0, ready: false }],
    'stopped',
    false,
  ],
  ['one that is not ready', [{}, { ready: false }], 'running', false],
  ['nobody is there', [], 'removed', false],
])('%s', (_, members, status, ready) => {
  expect(groupStatus(members.map(member))).toEqual({ status, ready });
});

test('endpoints are said once each, by what is spoken there, inside by the service’s name and outside by the machine’s', () => {
  const published = { container: 8000, protocol: 'tcp' } as const;
  const found = endpointsOf({
    ...{ service: 'web', name: 'shop-web-1', engine_host: 'localhost' },
    spec: {
      ports: [published, { container: 53, protocol: 'udp', host: 5353 }],
      expose: ['5432'],
      probes: { ready: { http: { port: 9000, scheme: 'https' } } },
    },
    ports: [
      { ...published, host: 32_768, host_ip: '0.0.0.0' },
      { ...published, host: 32_768, host_ip: '::' },
      { container: 53, protocol: 'udp', host: 5353, host_ip: '10.0.0.5' },
    ],
  });
  expect(found.map(({ url, public: open }) => `${open ? 'out' : 'in'} ${url}`)).toEqual([
    'in http://web:8000',
    'in udp://web:53',
    'in postgres://web:5432',
    'in https://web:9000',
    'out http://localhost:32768',
    'out udp://10.0.0.5:5353',
  ]);
});

test('what a release changes is told field by field, secrets masked, with what becomes of each service', () => {
  const one = (spec: ReleaseService['spec'], replicas: number | null = null): ReleaseService => ({
    ...{ name: 'x', spec, replicas, start: true },
  });
  const from = {
    a: one({ image: 'a:1', env: { X: '1', PASSWORD: 'old' } }),
    b: one({}),
    c: one({}),
    d: one({}, 1),
    e: one({}),
  };
  const to = {
    a: one({ image: 'a:2', env: { X: '2', PASSWORD: 'new' } }),
    b: one({ memory_limit: 100 }),
    d: one({}, 3),
    e: one({}),
    f: one({}),
  };
  const seen = compareServices(from, to);
  expect(Object.fromEntries(seen.map(({ service, action }) => [service, action]))).toEqual({
    ...{ a: 'replace', b: 'adjust', c: 'remove', d: 'scale', e: 'keep', f: 'create' },
  });
  expect(seen.find(({ service }) => service === 'a')?.changed).toEqual([
    { field: 'image', from: 'a:1', to: 'a:2' },
    { field: 'env.X', from: '1', to: '2' },
    { field: 'env.PASSWORD', from: '***', to: '***' },
  ]);
});

test('services that need each other, or themselves, are said with the way round', () => {
  const needing = (...names: string[]): ReleaseService => ({
    ...{ name: 'x', replicas: null, start: true },
    spec: { depends_on: Object.fromEntries(names.map((name) => [name, {}])) },
  });
  expect(serviceGraph({ a: needing('b'), b: needing('c'), c: needing('a') }).problem).toBe(
    'they need each other: a → b → c → a',
  );
  expect(serviceGraph({ a: needing('a') }).problem).toBe('a needs itself');
  const graph = serviceGraph({
    web: needing('db', 'elsewhere'),
    setup: { ...needing(), spec: { role: 'init' } },
    db: needing(),
  });
  expect([graph.problem, graph.order, graph.needsOf('web')]).toEqual([
    undefined,
    ['setup', 'db', 'web'],
    ['db', 'setup'],
  ]);
});
