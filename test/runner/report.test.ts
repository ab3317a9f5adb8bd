import { expect, test } from 'vitest';
import { addUp, outcomeOf } from '../support/lab/report.ts';

const file = (
  name: string,
  status: string,
  tests: Record<string, string>,
): Parameters<typeof outcomeOf>[0]['testResults'][number] => ({
  name: `/r/test/${name}`,
  status,
  assertionResults: Object.entries(tests).map(([fullName, one]) => ({ fullName, status: one })),
});

test('failed tests are told by file and name', () => {
  const report = {
    numPassedTests: 1,
    numFailedTests: 1,
    testResults: [file('a.test.ts', 'failed', { good: 'passed', bad: 'failed' })],
  };
  expect(outcomeOf(report, '/r', 1)).toEqual({
    passed: 1,
    failed: 1,
    failures: [{ file: 'test/a.test.ts', test: 'bad' }],
    flaky: [],
    broken: false,
  });
});

test('a file that fails outside of its tests counts as a failure', () => {
  const report = { numPassedTests: 0, numFailedTests: 0, testResults: [file('a.test.ts', 'failed', {})] };
  expect(outcomeOf(report, '/r', 1)).toMatchObject({ failed: 1, failures: [{ test: '(the file itself)' }] });
});

test('a run that ends badly although every test passed has failed', () => {
  const report = {
    numPassedTests: 2,
    numFailedTests: 0,
    testResults: [file('a.test.ts', 'passed', { x: 'passed', y: 'passed' })],
  };
  expect(outcomeOf(report, '/r', 1)).toMatchObject({ passed: 2, failed: 1, broken: true });
});

test('runs are added up, and what was flaky is told', () => {
  const one = { passed: 2, failed: 0, failures: [], flaky: ['a > b'], broken: false };
  expect(addUp([one, { ...one, failed: 1, flaky: [] }])).toEqual({ passed: 4, failed: 1, flaky: ['a > b'] });
});
