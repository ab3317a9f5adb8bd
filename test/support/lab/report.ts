import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** What came of one test file. */
export interface FileResult {
  readonly file: string;
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Tests that were not run: skipped, or only planned. */
  readonly skipped: readonly string[];
}

/** What one run of vitest came to. `broken` says what went wrong outside of every file. */
export interface Outcome {
  readonly files: readonly FileResult[];
  readonly broken?: string;
}

/** What a lane came to, after its failed files had their second try. */
export interface Verdict {
  readonly passed: number;
  /** A line each: `file > test`. */
  readonly failures: readonly string[];
  readonly flaky: readonly string[];
}

/** The part of vitest’s JSON that counts here. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Stands for the file itself: it failed at its import or in a hook. */
const FILE_ITSELF = '(the file itself)';

/** Read vitest’s JSON; `code` is what it ended with. */
export function readReport(path: string, root: string, code: number | null): Outcome {
  if (!existsSync(path)) return { files: [], broken: `vitest ended with ${code} and wrote no report` };
  return outcomeOf(JSON.parse(readFileSync(path, 'utf8')) as Report, root, code);
}

export function outcomeOf(report: Report, root: string, code: number | null): Outcome {
  const files = report.testResults.map(({ name, status, assertionResults }): FileResult => {
    const named = (wanted: (status: string) => boolean): readonly string[] =>
      assertionResults.filter((one) => wanted(one.status)).map(({ fullName }) => fullName);
    const failed = named((one) => one === 'failed');
    return {
      file: relative(root, name),
      passed: named((one) => one === 'passed'),
      failed: status === 'failed' && failed.length === 0 ? [FILE_ITSELF] : failed,
      skipped: named((one) => one !== 'passed' && one !== 'failed'),
    };
  });
  const quiet = files.every(({ failed }) => failed.length === 0);
  return code !== 0 && quiet
    ? { files, broken: `vitest ended with ${code}, although no test failed` }
    : { files };
}

/** The files that get a second try. */
export function failedFiles({ files }: Outcome): readonly string[] {
  return files.filter(({ failed }) => failed.length > 0).map(({ file }) => file);
}

/**
 * Judge a run by the second try of its failed files: what passes then counts as passed and is told as flaky; what fails twice, was
 * skipped, or went wrong outside of the tests has failed.
 */
export function judge(first: Outcome, again: Outcome = { files: [] }): Verdict {
  const second = new Map(again.files.map((result) => [result.file, result]));
  const last = first.files.map((result) => second.get(result.file) ?? result);
  const lines = (pick: (result: FileResult) => readonly string[]): readonly string[] =>
    last.flatMap((result) => pick(result).map((test) => `${result.file} > ${test}`));
  const failures = [
    ...lines(({ failed }) => failed),
    ...lines(({ skipped, failed }) =>
      failed.includes(FILE_ITSELF) ? [] : skipped.map((test) => `${test} (skipped)`),
    ),
    ...[first.broken, again.broken].filter((line) => line !== undefined),
  ];
  const flaky = first.files.flatMap(({ file, failed }) =>
    failed
      .filter((test) => second.get(file)?.failed.includes(test) === false)
      .map((test) => `${file} > ${test}`),
  );
  return { passed: last.reduce((sum, { passed }) => sum + passed.length, 0), failures, flaky };
}

/** The sum over several lanes. */
export function addUp(verdicts: readonly Verdict[]): Verdict {
  return {
    passed: verdicts.reduce((sum, { passed }) => sum + passed, 0),
    failures: verdicts.flatMap(({ failures }) => failures),
    flaky: verdicts.flatMap(({ flaky }) => flaky),
  };
}
