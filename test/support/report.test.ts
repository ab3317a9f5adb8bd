import { expect, test } from 'vitest';
import { addUp, failedFiles, judge, type Outcome, outcomeOf } from './lab/report.ts';

/** A run of vitest over files, each with its tests and what came of them. */
function aRun(files: Readonly<Record<string, Readonly<Record<string, string>>>>, code?: number): Outcome {
  const testResults = Object.entries(files).map(([name, tests]) => ({
    name: `/r/test/${name}`,
    status: Object.values(tests).includes('failed') || Object.keys(tests).length === 0 ? 'failed' : 'passed',
    assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
  }));
  return outcomeOf(
    { testResults },
    '/r',
    code ?? (testResults.some(({ status }) => status === 'failed') ? 1 : 0),
  );
}

test('tests that pass are counted, and fail nothing', () => {
  const verdict = judge(aRun({ a: { one: 'passed', two: 'passed' }, b: { three: 'passed' } }));
  expect(verdict).toEqual({ passed: 3, failures: [], flaky: [] });
});

test('a test that passes on the second try is passed, and told as flaky', () => {
  const first = aRun({ a: { one: 'failed', two: 'passed' }, b: { three: 'passed' } });
  expect(failedFiles(first)).toEqual(['test/a']);
  expect(judge(first, aRun({ a: { one: 'passed', two: 'passed' } }))).toEqual({
    passed: 3,
    failures: [],
    flaky: ['test/a > one'],
  });
});

test('a test that fails twice fails the run', () => {
  const first = aRun({ a: { one: 'failed', two: 'passed' } });
  expect(judge(first, aRun({ a: { one: 'failed', two: 'passed' } }))).toEqual({
    passed: 1,
    failures: ['test/a > one'],
    flaky: [],
  });
});

test('a test that only fails on the second try fails the run', () => {
  const again = aRun({ a: { one: 'passed', two: 'failed' } });
  expect(judge(aRun({ a: { one: 'failed', two: 'passed' } }), again)).toEqual({
    passed: 1,
    failures: ['test/a > two'],
    flaky: ['test/a > one'],
  });
});

test('a file that fails outside of its tests is tried again, and fails the run when it does so twice', () => {
  const first = aRun({ a: {}, b: { three: 'passed' } });
  expect(failedFiles(first)).toEqual(['test/a']);
  expect(judge(first, aRun({ a: {} })).failures).toEqual(['test/a > (the file itself)']);
  expect(judge(first, aRun({ a: { one: 'passed' } }))).toMatchObject({ passed: 2, failures: [] });
});

test('a second try that tells nothing of a failed file does not pass it', () => {
  const first = aRun({ a: { one: 'failed' } });
  const verdict = judge(first, { files: [], broken: 'vitest ended with 143 and wrote no report' });
  expect(verdict).toEqual({
    passed: 0,
    failures: ['test/a > one', 'vitest ended with 143 and wrote no report'],
    flaky: [],
  });
});

test('a skipped test fails the run', () => {
  expect(judge(aRun({ a: { one: 'passed', two: 'skipped', three: 'todo' } })).failures).toEqual([
    'test/a > two (skipped)',
    'test/a > three (skipped)',
  ]);
});

test('a run that ends badly although every test passed has failed', () => {
  expect(judge(aRun({ a: { one: 'passed' } }, 1)).failures).toEqual([
    'vitest ended with 1, although no test failed',
  ]);
});

test('lanes are added up', () => {
  const lane = { passed: 2, failures: ['a > b'], flaky: ['c > d'] };
  expect(addUp([lane, { passed: 3, failures: [], flaky: [] }])).toEqual({
    passed: 5,
    failures: ['a > b'],
    flaky: ['c > d'],
  });
});
