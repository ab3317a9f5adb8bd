import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

export interface Failure {
  readonly file: string;
  readonly test: string;
}

/** What one run of vitest came to. `broken`: it ended badly in a way that no single test tells. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly Failure[];
  readonly flaky: readonly string[];
  readonly broken: boolean;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Read vitest’s JSON. A file that failed outside of its tests (in a hook, at import) counts as one failed test. */
export function readReport(path: string, root: string, code: number | null): Outcome {
  if (!existsSync(path)) return { passed: 0, failed: 1, failures: [], flaky: [], broken: true };
  return outcomeOf(JSON.parse(readFileSync(path, 'utf8')) as Report, root, code);
}

export function outcomeOf(report: Report, root: string, code: number | null): Outcome {
  const failures = report.testResults.flatMap(({ name, status, assertionResults }): readonly Failure[] => {
    const file = relative(root, name);
    const failed = assertionResults
      .filter((one) => one.status === 'failed')
      .map(({ fullName }) => ({ file, test: fullName }));
    return failed.length === 0 && status === 'failed' ? [{ file, test: '(the file itself)' }] : failed;
  });
  const broken = code !== 0 && failures.length === 0;
  return {
    passed: report.numPassedTests,
    failed: failures.length + (broken ? 1 : 0),
    failures,
    flaky: [],
    broken,
  };
}

/** The sum over several runs. */
export function addUp(outcomes: readonly Outcome[]): {
  readonly passed: number;
  readonly failed: number;
  readonly flaky: readonly string[];
} {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
    flaky: outcomes.flatMap(({ flaky }) => flaky),
  };
}
