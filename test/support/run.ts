import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lane } from '../../src/private-engine/install-engine.ts';
import { type Lab, startLab } from './lab/lab.ts';
import { addUp, type Outcome, readReport } from './lab/report.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ARTIFACTS = join(ROOT, 'test/artifacts');
/** What the older engine must keep too. */
const ENGINE_FACING = ['test/engine', 'test/scenarios', 'test/reconcile'];
const say = (line: string): void => void process.stderr.write(`${line}\n`);

interface Run {
  readonly name: string;
  readonly lane: Lane;
  readonly files: readonly string[];
  readonly full: boolean;
}

const words = process.argv.slice(2);
const files = words.filter((word) => !word.startsWith('--'));
const daily: Run = {
  name: 'daily',
  lane: words.includes('--older') ? 'distribution' : 'new',
  files,
  full: files.some((file) => file.includes('.full.')),
};
const extra: readonly Run[] = [
  { name: 'long', lane: 'new', files: [], full: true },
  { name: 'older engine', lane: 'distribution', files: ENGINE_FACING, full: false },
];
const runs = words.includes('--extra') ? extra : words.includes('--full') ? [daily, ...extra] : [daily];

let ending: (() => Promise<void>) | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    const ended = ending?.() ?? Promise.resolve();
    ended.finally(() => process.exit(130));
  });
}

rmSync(ARTIFACTS, { recursive: true, force: true });
mkdirSync(ARTIFACTS, { recursive: true });
const outcomes: Outcome[] = [];
for (const run of runs) outcomes.push(await perform(run));
const total = addUp(outcomes);
for (const line of total.flaky) say(`flaky: ${line}`);
if (total.flaky.length > 0)
  writeFileSync(join(ARTIFACTS, 'flaky.json'), JSON.stringify(total.flaky, null, 2));
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 || outcomes.some(({ broken }) => broken) ? 1 : 0;

async function perform(run: Run): Promise<Outcome> {
  const given = process.env['BERTH_TEST_ENGINE'];
  const lab = given === undefined ? await labFor(run) : undefined;
  ending = async () => lab?.stop();
  try {
    const first = await vitest(run, run.files, lab, 'first');
    if (first.failures.length === 0) return first;
    // Once more, alone: a test that passes now is told as flaky; one that fails twice fails the run.
    const again = await vitest(
      { ...run, name: `${run.name}, failed files again` },
      [...new Set(first.failures.map(({ file }) => file))],
      lab,
      'again',
      ['--maxWorkers=1', '--no-file-parallelism'],
    );
    const still = new Set(again.failures.map(({ file, test }) => `${file} > ${test}`));
    const recovered = first.failures.filter(
      ({ file, test }) => !still.has(`${file} > ${test}`) && !again.broken,
    );
    return {
      ...first,
      passed: first.passed + recovered.length,
      failed: first.failed - recovered.length,
      failures: again.failures,
      flaky: recovered.map(({ file, test }) => `${file} > ${test}`),
      broken: again.broken,
    };
  } finally {
    await lab?.stop();
    ending = undefined;
  }
}

async function labFor({ lane, files: wanted, full }: Run): Promise<Lab> {
  try {
    return await startLab({
      lane,
      servers: testFiles(wanted, full).some((file) => readFileSync(file, 'utf8').includes('needImages(')),
      say,
      artifacts: ARTIFACTS,
    });
  } catch (error) {
    say(`No engine for the tests: ${error instanceof Error ? error.message : String(error)}`);
    say(
      'Run as root on Debian or Ubuntu, or name one that may be played with: BERTH_TEST_ENGINE=unix:///path/docker.sock npm test,',
    );
    say('or: docker compose -f docker-compose.test.yml run --rm tests');
    process.exit(1);
  }
}

function testFiles(wanted: readonly string[], full: boolean): readonly string[] {
  const all = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && path.endsWith('.full.test.ts') === full)
    .map((path) => join('test', path));
  return all
    .filter((path) => wanted.length === 0 || wanted.some((word) => path.includes(word.replace(/^\.\//, ''))))
    .map((path) => join(ROOT, path));
}

function vitest(
  run: Run,
  wanted: readonly string[],
  lab: Lab | undefined,
  pass: string,
  more: readonly string[] = [],
): Promise<Outcome> {
  const report = join(ARTIFACTS, `${run.name.replaceAll(/\W+/g, '-')}-${pass}.json`);
  const own = [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...more,
    ...wanted.map((file) => relative(ROOT, resolve(ROOT, file))),
  ];
  const [program = process.execPath, ...args] =
    lab === undefined
      ? [process.execPath, ...own]
      : ['nsenter', `--net=/var/run/netns/${lab.netns}`, process.execPath, ...own];
  const env = {
    ...process.env,
    BERTH_TEST_FULL: run.full ? '1' : '',
    ...(lab && { BERTH_TEST_ENGINE: `unix://${lab.socket}`, BERTH_TEST_LAB: JSON.stringify(lab.installed) }),
  };
  say(`— ${run.name}${lab === undefined ? '' : ` (engine ${lab.installed.version})`}`);
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('close', (code) => done(readReport(report, ROOT, code)));
  });
}
