import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Lab, startLab } from './lab/lab.ts';
import { imagesFor, type Round, roundsOf } from './lab/lanes.ts';
import { addUp, failedFiles, judge, type Verdict } from './lab/report.ts';
import { runVitest } from './lab/run-vitest.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ARTIFACTS = join(ROOT, 'test/artifacts');
const HELP = `Run as root on Debian or Ubuntu, or name an engine that may be played with:
  BERTH_TEST_ENGINE=unix:///path/docker.sock npm test
or, where there is Docker:
  docker compose -f docker-compose.test.yml run --rm tests`;

const ending = new AbortController();
const { signal } = ending;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => ending.abort());
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const rounds = roundsOf(process.argv.slice(2), ROOT);
rmSync(ARTIFACTS, { recursive: true, force: true });
mkdirSync(ARTIFACTS, { recursive: true });
const verdicts: Verdict[] = [];
for (const round of rounds) {
  if (!signal.aborted) verdicts.push(await perform(round));
}
const { passed, failures, flaky } = addUp(verdicts);
for (const line of failures) say(`failed: ${line}`);
for (const line of flaky) say(`flaky: ${line}`);
writeFileSync(join(ARTIFACTS, 'flaky.json'), JSON.stringify(flaky, null, 2));
if (signal.aborted) say('Interrupted.');
process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
process.exitCode = signal.aborted ? 130 : failures.length > 0 ? 1 : 0;

/** One round on an engine of its own; its failed files are tried once more, alone, so that flaky and broken are told apart. */
async function perform(round: Round): Promise<Verdict> {
  const given = process.env['BERTH_TEST_ENGINE'];
  const lab = given === undefined ? await labFor(round) : undefined;
  say(`— ${round.name} (engine ${lab?.installed.version ?? given})`);
  try {
    const run = { root: ROOT, full: round.full, lab, signal };
    const report = (pass: string): string => join(ARTIFACTS, `${round.name}-${pass}.json`);
    const first = await runVitest({ ...run, files: round.files, alone: false, report: report('first') });
    const failed = failedFiles(first);
    if (failed.length > 0 && !signal.aborted) say(`— ${round.name}: the failed files again, alone`);
    const verdict =
      failed.length > 0 && !signal.aborted
        ? judge(first, await runVitest({ ...run, files: failed, alone: true, report: report('again') }))
        : judge(first);
    const left = signal.aborted ? [] : ((await lab?.leftBehind()) ?? []);
    return {
      ...verdict,
      failures: [...verdict.failures, ...left.map((line) => `left running by the tests: ${line}`)],
    };
  } finally {
    await lab?.stop();
  }
}

async function labFor(round: Round): Promise<Lab> {
  try {
    return await startLab({
      lane: round.lane,
      images: imagesFor(round, ROOT),
      say,
      artifacts: ARTIFACTS,
      signal,
    });
  } catch (error) {
    say(`No engine for the tests: ${error instanceof Error ? error.message : String(error)}`);
    if (!signal.aborted) say(HELP);
    process.exit(signal.aborted ? 130 : 1);
  }
}
