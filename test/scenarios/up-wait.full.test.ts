import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERRORS } from '../../contracts/errors.ts';
import { chain, entry, SLEEP } from '../support/a-chain.ts';
import { aTerminal } from '../support/a-terminal.ts';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';
import { screensOf } from '../support/screens-of.ts';

let berth: BerthFolder;
let host: string;
let engine: ReturnType<typeof rawEngine>;

beforeAll(async () => {
  const { socket_path, ...rest } = await testEngine();
  host = rest.host;
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  berth = await aBerthFolder(host);
});
afterAll(() => berth[Symbol.asyncDispose]());

test('on a terminal the tree of who waits for whom is drawn in place, and stands there whole at the end', async () => {
  await berth.write('_index.yaml', chain());
  const words = ['up', berth.registry, '--wait', '--timeout', '120s', '--engine', host];
  using terminal = await aTerminal(words, { state: berth.state, columns: 100, rows: 30 });
  expect(await terminal.ended).toBe(0);
  const screens = screensOf(terminal.shown());
  expect(screens.length).toBeGreaterThan(2);
  expect(screens).toContainEqual(
    expect.stringMatching(/^… dep-web {2}waiting, waits for .*\n(├─ .*\n)*└─ … dep-/m),
  );
  const [tree = '', said] = screens.at(-1)?.split('\nBerth has stopped') ?? [];
  expect(said).toBeDefined();
  expect(tree.split('\n').toSorted()).toEqual([
    '✔ dep-calm  running',
    '✔ dep-db  running, healthy',
    '✔ dep-free  running',
    '✔ dep-migrate  stopped, exit code 0',
    '✔ dep-web  running',
  ]);
  expect((await engine.container('dep-web'))?.State.Status).toBe('running');
});

test('a timeout ends it with its own code, and names who still waits for what; elsewhere than on a terminal it is plain lines', async () => {
  const never = 'health_check: { test: [CMD, "false"], interval: 500ms, retries: 900, start_period: 900s }';
  const sick = entry('dep-sick', SLEEP, never);
  const late = entry('dep-late', SLEEP, 'depends_on: { dep-sick: { condition: healthy } }');
  const later = entry('dep-later', SLEEP, 'depends_on: [dep-late]');
  await berth.write('_index.yaml', chain(sick, late, later));
  const { code, out, err } = await berth.run('up', berth.registry, '--wait', '--timeout', '8s');
  expect(code).toBe(ERRORS.timed_out.exit);
  expect(err).toMatch(/^berth: not all is up after 8 s: [^\n]+\n$/);
  expect(err).toContain('dep-sick: running, starting');
  expect(err).toContain('dep-late: waiting, waits for dep-sick to be healthy (starting)');
  expect(err).toContain('dep-later: waiting, waits for dep-late to run (waiting)');
  expect(err).not.toContain('dep-web');
  expect(`${out}${err}`).not.toContain('\u001b');
  expect(out).toMatch(/^dep-late: waiting, waits for dep-sick to be healthy \(/m);
});

test('an image that is nowhere ends it without a timeout, and what waits for that is told with the cause', async () => {
  const lost = entry('dep-lost', SLEEP).replace('busybox:latest', '127.0.0.1:5000/dep/nowhere:1');
  await berth.write('_index.yaml', chain(lost, entry('dep-late', SLEEP, 'depends_on: [dep-lost]')));
  const { code, err } = await berth.run('up', berth.registry, '--wait', '--timeout', '300s');
  expect(code).toBe(ERRORS.deploy_failed.exit);
  expect(err).toMatch(
    /^berth: dep-lost: failed, pull .*nowhere:1.*; dep-late: waiting, waits for dep-lost to run \(failed: pull [^\n]*\n$/,
  );
});

test('a registry that is wrong fails it with one line that names the place, whatever else is well', async () => {
  await berth.write('_index.yaml', chain(entry('dep-wrong', SLEEP, 'restart_polcy: always')));
  const { code, err } = await berth.run('up', berth.registry, '--wait', '--timeout', '60s');
  expect(code).toBe(ERRORS.invalid_registry.exit);
  expect(err).toMatch(/^berth: \S*_index\.yaml:\d+:\d+: dep:dep-wrong: [^\n]*restart_polcy[^\n]*\n$/);
  await berth.write('_index.yaml', chain(entry('dep-lost', SLEEP, 'depends_on: [dep-nowhere]')));
  const lost = await berth.run('up', berth.registry, '--wait', '--timeout', '60s');
  expect(lost.code).toBe(ERRORS.invalid_registry.exit);
  expect(lost.err).toMatch(/^berth: \S*_index\.yaml:\d+:\d+: dep:dep-lost: [^\n]*dep-nowhere[^\n]*\n$/);
  const broken = await berth.run('up', berth.registry, '--wait', '--json');
  expect(JSON.parse(broken.err.trim().split('\n').at(-1) ?? '')).toMatchObject({
    error: { code: 'invalid_registry' },
  });
  await berth.write('_index.yaml', 'namespace: dep\nentries: [\n');
  const unread = await berth.run('up', berth.registry, '--wait');
  expect(unread.code).toBe(ERRORS.invalid_registry.exit);
  expect(unread.err).toMatch(/^berth: \S*_index\.yaml:\d+[^\n]*\n$/);
});
