import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { openEngine } from '../src/engine/open-engine.ts';
import { STREAMING_CALLS, type UnderWay } from '../test/support/streaming-calls.ts';
import { type Bench, quantile, type Row } from './bench.ts';

const TIMES = 60;
const COMMAND = ['sh', '-c', 'while sleep 0.1; do echo x; done'];

/** How long a streaming call takes to end after its signal; the peer is a bare request of node:http on the same engine, destroyed. */
export const aborting: Bench = {
  name: 'abort of a streaming call, until it has ended',
  run: async ({ socket, say }) => {
    const engine = openEngine(`unix://${socket}`);
    await engine.images.pull('busybox:latest', {});
    const { id } = await engine.containers.create({
      name: 'bench_aborting',
      spec: { image: 'busybox:latest', command: COMMAND, interactive: true },
      restart_policy: 'no',
      aliases: [],
      labels: {},
      keep_volumes: {},
    });
    try {
      await engine.containers.start(id);
      const peer = await timesOf((signal) => bareLogs(socket, id, signal));
      const rows: Row[] = [];
      // A pull and a push wait for a registry that answers nothing: there is none where this engine lives.
      for (const { name, begin } of STREAMING_CALLS.filter((one) => !['pull', 'push'].includes(one.name))) {
        say(`aborting ${name}`);
        rows.push({ call: name, ...compared(await timesOf((signal) => begin(engine, id, signal)), peer) });
      }
      return rows;
    } finally {
      await engine.containers.remove(id, { force: true, anonymous_volumes: true });
      await engine.close();
    }
  },
};

function compared(own: readonly number[], peer: readonly number[]): Row {
  const [p50, p99, peer_p50, peer_p99] = [own, peer].flatMap((times) =>
    [0.5, 0.99].map((share) => quantile(times, share)),
  );
  return {
    p50_ms: p50 ?? 0,
    p99_ms: p99 ?? 0,
    peer_p50_ms: peer_p50 ?? 0,
    peer_p99_ms: peer_p99 ?? 0,
    ratio_p50: (p50 ?? 0) / (peer_p50 ?? 1),
  };
}

/** Milliseconds from the abort to the end, each time anew. */
async function timesOf(begin: (signal: AbortSignal) => Promise<UnderWay>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let count = 0; count < TIMES; count++) {
    const ending = new AbortController();
    const { settled } = await begin(ending.signal);
    const began = performance.now();
    ending.abort();
    await settled;
    times.push(performance.now() - began);
  }
  return times;
}

async function bareLogs(socketPath: string, id: string, signal: AbortSignal): Promise<UnderWay> {
  const asked = request({ socketPath, path: `/containers/${id}/logs?follow=1&stdout=1`, agent: false });
  asked.on('error', () => undefined).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  await once(response, 'data');
  const settled = new Promise<void>((resolve) => response.once('close', resolve));
  signal.addEventListener('abort', () => response.destroy(), { once: true });
  return { settled };
}
