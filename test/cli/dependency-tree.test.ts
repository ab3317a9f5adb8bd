import { expect, test } from 'vitest';
import type { ContainerView } from '../../contracts/container-view.ts';
import { dependencyTree } from '../../src/cli/up/dependency-tree.ts';
import { progressOf, progressOfAll } from '../../src/cli/up/progress.ts';

const view = (name: string, given: Partial<ContainerView>): ContainerView => ({
  id: `app:${name}`,
  name,
  image: 'i',
  status: 'running',
  managed: true,
  declared: true,
  ports: [],
  networks: [],
  labels: {},
  generation: 1,
  attempt: 1,
  restart_count: 0,
  created_at: '2026-01-01T00:00:00Z',
  stale: false,
  ...given,
});

test('a tree shows who waits for whom, each once, and how each is', () => {
  const waiting = { status: 'waiting', reason: { code: 'waiting', message: 'waits' } } as const;
  const all = [
    view('web', { ...waiting, waits_for: ['app:db', 'migrate'] }),
    view('api', { ...waiting, waits_for: ['app:db'] }),
    view('db', { health: 'starting', waits_for: [] }),
    view('migrate', { ...waiting, waits_for: ['app:db'] }),
    view('lone', {
      status: 'failed',
      exit_code: 3,
      reason: { code: 'exited', message: 'exited with code 3' },
    }),
    view('a', { ...waiting, waits_for: ['b'] }),
    view('b', { ...waiting, waits_for: ['a'] }),
  ];
  expect(dependencyTree(all)).toBe(
    [
      '… web  waiting, waits',
      '├─ … db  running, starting',
      '└─ … migrate  waiting, waits',
      '   └─ … db  running, starting, see above',
      '… api  waiting, waits',
      '└─ … db  running, starting, see above',
      '✘ lone  failed, exit code 3, exited with code 3',
      '… a  waiting, waits',
      '└─ … b  waiting, waits',
      '   └─ … a  waiting, waits, see above',
    ].join('\n'),
  );
});

test('what is up, on its way or failed is told apart', () => {
  const of = (given: Partial<ContainerView>) => progressOf(view('x', given));
  expect(of({})).toBe('up');
  expect(of({ health: 'starting' })).toBe('coming');
  expect(of({ health: 'unhealthy' })).toBe('failed');
  expect(of({ status: 'stopped', exit_code: 0 })).toBe('up');
  expect(of({ status: 'failed' })).toBe('failed');
  expect(of({ status: 'failed', next_attempt_at: '2026-01-01T00:00:00Z' })).toBe('coming');
  expect(of({ status: 'waiting' })).toBe('coming');
});

test('what is tried again in vain has failed, and so has what waits for it; what needs only time is on its way', () => {
  const next_attempt_at = '2026-01-01T00:00:00Z';
  const failed = (code: string): Partial<ContainerView> => ({
    ...{ status: 'failed', next_attempt_at, reason: { code, message: code } },
  });
  const waiting = (...waits_for: string[]): Partial<ContainerView> => ({ status: 'waiting', waits_for });
  const all = progressOfAll([
    view('last', waiting('next')),
    view('next', waiting('app:bad')),
    view('bad', failed('image_not_found')),
    view('slow', failed('image_registry_unreachable')),
    view('patient', waiting('slow', 'nobody')),
    view('a', waiting('b')),
    view('b', waiting('a')),
  ]);
  expect(Object.fromEntries(all)).toEqual({
    ...{ 'app:last': 'failed', 'app:next': 'failed', 'app:bad': 'failed' },
    ...{ 'app:slow': 'coming', 'app:patient': 'coming', 'app:a': 'coming', 'app:b': 'coming' },
  });
  const lost = [view('web', waiting('bad')), view('bad', failed('image_not_found'))];
  expect(dependencyTree(lost)).toBe('✘ web  waiting\n└─ ✘ bad  failed, image_not_found');
});
