import { expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { containers } from '../../contracts/containers.ts';
import { createApp } from '../../src/app.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { aFolder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';

/** Everything that a container tells until its `done`, and a little after. */
async function storyOf(name: string, spec: ContainerSpec): Promise<readonly BerthEvent[]> {
  await needImages('busybox:latest');
  const { host } = await testEngine();
  await using folder = await aFolder();
  await using app = await createApp({ engine: host, state: folder.path, serve: false, log: silentLog() });
  const docker = app.contract.open(containers);
  const topic = 'story';
  const listening = app.process.listen(topic);
  const { id } = await docker.create({
    name,
    image: 'busybox:latest',
    ...spec,
    stream: { reply_to: app.process.self(), topic },
  });
  const told: BerthEvent[] = [];
  for await (const event of listening) {
    told.push(event);
    if (event.type === 'done') break;
  }
  await docker.delete({ id, wait: true, timeout: 0 });
  return told;
}

const linesOf = (told: readonly BerthEvent[]): string[] =>
  told.flatMap((event) => (event.type === 'log' ? `${event.stream} ${event.line}` : []));

test('a container that the engine restarts tells the lines of each run once, and its end once, last', async () => {
  const told = await storyOf('runs_loop', {
    command: [
      'sh',
      '-c',
      'n=$(cat /n 2>/dev/null || echo 1); echo run $n; printf "tail of $n"; echo $((n + 1)) > /n; exit 3',
    ],
    restart_policy: 'on-failure:3',
  });
  expect(linesOf(told)).toEqual(
    [1, 2, 3, 4].flatMap((run) => [`stdout run ${run}`, `stdout tail of ${run}`]),
  );
  // Runs that follow each other faster than anybody looks cannot be told apart.
  const attempts = told.map(({ attempt }) => attempt);
  expect(attempts).toEqual(attempts.toSorted((a, b) => a - b));
  expect(told.at(-2)).toMatchObject({ type: 'status', status: 'failed', exit_code: 3, attempt: 4 });
  expect(told.at(-1)).toMatchObject({ type: 'done', status: 'failed', exit_code: 3, attempt: 4 });
  expect(told.filter(({ type }) => type === 'done')).toHaveLength(1);
});

test('a container that ends before anybody could look has all its lines told before its end', async () => {
  for (let count = 0; count < 3; count++) {
    const told = await storyOf(`runs_quick${count}`, { command: ['sh', '-c', 'echo one; echo two'] });
    expect(linesOf(told)).toEqual(['stdout one', 'stdout two']);
    expect(told.slice(-2).map(({ type }) => type)).toEqual(['status', 'done']);
  }
});
