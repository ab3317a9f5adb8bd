import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aDockerEngine } from '../support/a-docker-engine.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { eventually } from '../support/eventually.ts';
import { STREAMING_CALLS } from '../support/streaming-calls.ts';

let mine: EngineUnderTest;
let talking: string;
beforeAll(async () => {
  mine = await aDockerEngine('aborting');
  const command = ['sh', '-c', 'while sleep 0.1; do echo x; done'];
  talking = await mine.create('talking', { spec: { image: 'busybox:latest', command, interactive: true } });
  await mine.engine.containers.start(talking);
}, 120_000);
afterAll(() => mine[Symbol.asyncDispose]());

/** Connections that this process has open, whatever for. */
const sockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => /PipeWrap|TCPSocketWrap|TLSWrap/.test(name)).length;

describe.each(STREAMING_CALLS)('$name', ({ begin }) => {
  const abortOne = async (): Promise<void> => {
    const ending = new AbortController();
    const { settled } = await begin(mine.engine, talking, ending.signal);
    ending.abort();
    await settled;
  };

  test('ends at its signal, and however often it is broken off, no socket is left behind', async () => {
    for (let count = 0; count < 3; count++) await abortOne();
    let before = 0;
    // Those of the warm-up are closed by now or kept for the next query.
    await eventually(() => {
      before = sockets();
      expect(before).toBeLessThan(20);
    });
    for (let count = 0; count < 15; count++) await abortOne();
    await eventually(() => expect(sockets()).toBeLessThanOrEqual(before));
  }, 120_000);

  test('that is asked for with a signal that has ended opens nothing', async () => {
    const before = sockets();
    const begun = begin(mine.engine, talking, AbortSignal.abort(new Error('over')));
    await begun.then(
      ({ settled }) => settled,
      () => undefined,
    );
    await eventually(() => expect(sockets()).toBeLessThanOrEqual(before + 1));
  }, 60_000);
});
