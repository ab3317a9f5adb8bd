import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { createApp } from '../../src/app.ts';
import { aFolder } from '../support/a-folder.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

test('after unsubscribe no event comes any more, while the container goes on and its log is kept', async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using folder = await aFolder();
  await using app = await createApp({ engine: host, state: folder.path });
  const docker = app.contract.open(containers);
  const name = 'unsubscribe_one';
  const stream = { topic: 'mine' };
  const { id } = await docker.create({
    image: 'busybox:latest',
    name,
    command: ['sh', '-c', 'trap "echo more" USR1; echo first; while :; do sleep 0.1; done'],
    stop_timeout: 0,
    stream,
  });
  try {
    const seen: string[] = [];
    const ending = new AbortController();
    const listening = (async () => {
      for await (const events of app.listen({ reply_to: app.process.self(), topic: 'mine' }, ending.signal))
        seen.push(...events.flatMap((event) => (event.type === 'log' ? event.line : [])));
    })();
    await eventually(() => expect(seen).toEqual(['first']));
    const target = { ...stream, reply_to: app.process.self() };
    expect(await docker.unsubscribe({ id, stream: target })).toEqual({ removed: 1 });
    expect(await docker.unsubscribe({ id, stream: target })).toEqual({ removed: 0 });
    await docker.kill({ id, signal: 'USR1' });
    await eventually(async () =>
      expect((await docker.logs({ id })).lines.map(({ line }) => line)).toEqual(['first', 'more']),
    );
    expect((await engine.container(name))?.State.Status).toBe('running');
    expect(seen).toEqual(['first']);
    ending.abort();
    await listening;
  } finally {
    await docker.delete({ id, wait: true, timeout: 0 });
  }
});
