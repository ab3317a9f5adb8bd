import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { dockerCompose } from '../support/docker-compose.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { type Inspected, inspected } from '../support/inspected.ts';
import { rawEngine } from '../support/raw-engine.ts';

/** A folder of test/fixtures/compose, and how it is run. */
export interface Fixture {
  readonly name: string;
  readonly project?: string;
  readonly files?: readonly string[];
  readonly profiles?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Paths of an inspect that are compared, too, since the file says something of them. */
  readonly asked?: readonly string[];
  /** How many containers it is. */
  readonly containers: number;
}

const FIXTURES = fileURLToPath(new URL('../fixtures/compose', import.meta.url));

/** Run a fixture by Docker's Compose and by Berth, one after the other, and compare what the engine shows of both. */
export async function runByBoth(fixture: Fixture): Promise<void> {
  const { name, project = name, files = ['compose.yaml'], profiles = [], env = {}, asked = [] } = fixture;
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  await using berth = await aBerthFolder(host, env);
  const folder = join(berth.folder, name);
  await cp(join(FIXTURES, name), folder, { recursive: true });
  const words = [
    ...files.flatMap((file) => ['-f', join(folder, file)]),
    ...(fixture.project === undefined ? [] : ['-p', project]),
    ...profiles.flatMap((profile) => ['--profile', profile]),
  ];
  const compose = (...more: readonly string[]): Promise<string> =>
    dockerCompose({ host, folder, env: { HOME: '/home/fixture', ...env } }, ...words, ...more);
  let theirs: Inspected;
  try {
    await compose('up', '-d', '--quiet-pull');
    theirs = await settled(() => inspected(engine, project, asked), fixture.containers);
  } finally {
    await compose('down', '--volumes', '--remove-orphans', '-t', '1');
  }
  const up = berth.start('up', ...words, '--json');
  try {
    const ours = await settled(async () => {
      if (up.process.exitCode !== null) throw new Error(`berth up ended: ${up.written.err}`);
      return inspected(engine, project, asked);
    }, fixture.containers);
    expect(ours).toEqual(theirs);
    // Docker's Compose finds them by their labels.
    const shown = await compose('ps', '--all', '--format', '{{.Name}} {{.Service}}');
    expect(
      shown
        .trim()
        .split('\n')
        .sort()
        .map((line) => line.split(' ')[0]),
    ).toEqual(Object.keys(theirs.containers));
  } finally {
    up.kill('SIGTERM');
    await up.ended;
    const down = await berth.run('down', project, '--volumes', '--rmi', 'local');
    expect(down).toMatchObject({ code: 0, err: '' });
  }
  const left = await inspected(engine, project, asked);
  expect(left).toEqual({ containers: {}, networks: {}, volumes: {} });
}

/** Once all are there and none is on its way. */
async function settled(look: () => Promise<Inspected>, count: number): Promise<Inspected> {
  let last = '';
  return eventually(async () => {
    const seen = await look();
    const states = Object.values(seen.containers).map(
      (one) => `${one['State.Status']} ${one['State.ExitCode'] ?? 0}`,
    );
    const isAtRest = states.length === count && states.every((state) => /^(running|exited) 0$/.test(state));
    const now = JSON.stringify(seen);
    if (!isAtRest || now !== last) {
      last = now;
      throw new Error(`${states.length} of ${count}: ${states.join(', ')}`);
    }
    return seen;
  }, 60_000);
}
