import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { system } from '../../contracts/system.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: ReturnType<typeof rawEngine>;

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
}, 120_000);
afterAll(async () => {
  const docker = app.contract.open(containers);
  for (const { id } of (await docker.list({ limit: 1000 })).containers)
    await docker.delete({ id, wait: true, timeout: 0 });
  await app.close();
  await folder[Symbol.asyncDispose]();
}, 120_000);

/** What a topic was told so far, as `name cpu` or `name gap`. */
function heard(topic: string): { readonly lines: string[]; readonly ended: Promise<string> } {
  const lines: string[] = [];
  const ended = (async () => {
    for await (const event of app.process.listen(topic)) {
      if (event.type === 'stats') lines.push(`${event.name} ${event.gap ?? 'sample'}`);
      if (event.type === 'done' && 'outcome' in event) return event.outcome;
    }
    return 'left';
  })();
  return { lines, ended };
}

test('samples of chosen containers come every second, over a restart; who is not there is a gap told once; it ends when it is told to', {
  timeout: 120_000,
}, async () => {
  const docker = app.contract.open(containers);
  const { id } = await docker.create({ image: 'busybox:latest', name: 'stats-busy', command: 'sleep 6000' });
  await docker.start({ id, wait: true });
  const { lines, ended } = heard('stats.some');
  const { operation_id = '' } = await docker.stats({
    id: ['stats-busy', 'stats-nobody'],
    stream: { topic: 'stats.some' },
  });
  await eventually(() =>
    expect(lines.filter((line) => line === 'stats-busy sample').length).toBeGreaterThan(2),
  );
  expect(lines.filter((line) => line === 'stats-nobody not_found')).toHaveLength(1);
  await docker.stop({ id, wait: true, timeout: 0 });
  expect((await engine.container('stats-busy'))?.State.Status).toBe('exited');
  await eventually(() =>
    expect(lines.filter((line) => line.startsWith('stats-busy')).at(-1)).toBe('stats-busy not_running'),
  );
  await docker.start({ id, wait: true });
  await eventually(() =>
    expect(lines.filter((line) => line.startsWith('stats-busy')).at(-1)).toBe('stats-busy sample'),
  );
  expect(await app.contract.open(system).stop_operation({ operation_id })).toEqual({ stopped: true });
  expect(await ended).toBe('ended');
});

test('without names all of ours that run are measured, those that begin to run later too', {
  timeout: 120_000,
}, async () => {
  const docker = app.contract.open(containers);
  const { lines, ended } = heard('stats.all');
  const { operation_id = '' } = await docker.stats({ stream: { topic: 'stats.all' } });
  const { id } = await docker.create({ image: 'busybox:latest', name: 'stats-late', command: 'sleep 6000' });
  await docker.start({ id, wait: true });
  await eventually(() => expect(lines).toContain('stats-late sample'));
  await app.contract.open(system).stop_operation({ operation_id });
  expect(await ended).toBe('ended');
});
