import { defineConfig } from 'vitest/config';

// `*.full.test.ts` are the long ones: `npm run test:full`.
const full = process.env['BERTH_TEST_FULL'] === '1';

export default defineConfig({
  test: {
    include: full ? ['test/**/*.full.test.ts'] : ['test/**/*.test.ts'],
    exclude: full ? [] : ['test/**/*.full.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
  },
});
