import { test } from 'vitest';
import { type Fixture, runByBoth } from './run-by-both.ts';

const FIXTURES: readonly Fixture[] = [
  { name: 'web-db-cache', containers: 3, asked: ['Config.StopTimeout'] },
  { name: 'health-gates', containers: 4 },
  { name: 'builds', containers: 2, env: { FROM_AROUND: 'around' } },
  { name: 'secrets-configs', containers: 1, env: { FIXTURE_TOKEN: 't0ken' } },
  { name: 'extends-env', project: 'fixture-extends', containers: 2, env: { HOME: '/home/fixture' } },
  { name: 'profiles', containers: 2, profiles: ['debug'] },
  { name: 'replicas', containers: 4 },
  { name: 'networks', containers: 5 },
  { name: 'overrides', files: ['compose.yaml', 'compose.prod.yaml'], containers: 2 },
  { name: 'devices', containers: 2 },
];

test.each(FIXTURES)(
  'the engine shows $name as Docker’s Compose has it, but for labels',
  { timeout: 180_000 },
  async (fixture) => {
    await runByBoth(fixture);
  },
);
