import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { aWorkplace } from '../support/a-workplace.ts';

test('what the engine warns of while it makes a container is logged with the container’s id', async () => {
  const memory = openMemoryEngine();
  const warning = 'Your kernel does not support swap limit capabilities';
  const engine: Engine = {
    ...memory,
    containers: {
      ...memory.containers,
      create: async (request, signal) => ({
        ...(await memory.containers.create(request, signal)),
        warnings: [warning, 'Published ports are discarded'],
      }),
    },
  };
  await using place = await aWorkplace(engine);
  const lines: unknown[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => lines.push(JSON.parse(line)) });
  place.worker('w1', { log });
  place.add('app:echo', { image: 'busybox:latest', command: 'echo hello' });
  await place.until('app:echo', ({ completed }) => completed);
  expect(lines).toMatchObject([
    { level: 40, container: 'app:echo', msg: expect.stringContaining(warning) },
    { level: 40, container: 'app:echo', msg: expect.stringContaining('Published ports are discarded') },
  ]);
});
