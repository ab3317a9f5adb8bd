import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { pack } from 'tar-stream';
import type { Engine } from '../../src/engine/engine.ts';

/** A call under way: `settled` resolves when it has ended, however it did. */
export interface UnderWay {
  readonly settled: Promise<void>;
}

/** One call of the port that goes on until its signal ends; resolves once it is well under way. */
export interface StreamingCall {
  readonly name: string;
  begin(engine: Engine, container: string, signal: AbortSignal): Promise<UnderWay>;
}

const settle = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

/** Reads on after the first piece, which shows that it is under way. */
async function reading(pieces: AsyncIterable<unknown>): Promise<UnderWay> {
  const iterator = pieces[Symbol.asyncIterator]();
  await iterator.next();
  const rest = async (): Promise<void> => {
    for (let next = await iterator.next(); !next.done; next = await iterator.next());
  };
  return { settled: settle(rest()) };
}

/** Every streaming call that needs nothing but a container that runs and talks (`while sleep 0.1; do echo x; done`), its input open. */
export const STREAMING_CALLS: readonly StreamingCall[] = [
  {
    name: 'logs',
    begin: ({ containers }, ref, signal) =>
      reading(containers.logs(ref, { follow: true, tty: false }, signal)),
  },
  {
    name: 'samples',
    begin: ({ containers }, ref, signal) => reading(containers.samples(ref, signal)),
  },
  { name: 'events', begin: ({ system }, _, signal) => reading(system.events({}, signal)) },
  {
    name: 'wait',
    begin: async ({ containers }, ref, signal) => {
      const settled = settle(containers.wait(ref, signal));
      await containers.inspect(ref);
      return { settled };
    },
  },
  {
    name: 'stats',
    begin: async ({ containers }, ref, signal) => {
      const settled = settle(containers.stats(ref, signal));
      await containers.inspect(ref);
      return { settled };
    },
  },
  {
    name: 'attach',
    begin: async ({ sessions }, ref, signal) => {
      const session = await sessions.attach(
        ref,
        { stdin: true, stdout: true, stderr: true, tty: false },
        signal,
      );
      return reading(session.output);
    },
  },
  {
    name: 'exec',
    begin: async ({ sessions }, ref, signal) => {
      const command = ['sh', '-c', 'while sleep 0.1; do echo y; done'];
      const request = { command, env: {}, privileged: false, tty: false, stdin: false, output: true };
      const { exec_id } = await sessions.prepare(ref, request);
      const session = await sessions.run(exec_id, { tty: false }, signal);
      return reading(session.output);
    },
  },
  {
    name: 'build',
    begin: async ({ builds }, _, signal) => {
      const said = Promise.withResolvers<void>();
      const building = builds.run(
        {
          names: [],
          builder: 'classic',
          force_rm: true,
          context: dockerfileTar('FROM busybox:latest\nRUN while sleep 0.1; do echo x; done\n'),
          onProgress: async () => said.resolve(),
        },
        signal,
      );
      const settled = settle(building);
      await Promise.race([said.promise, settled]);
      return { settled };
    },
  },
  {
    name: 'pull',
    begin: async ({ images }, _, signal) => {
      const registry = await aSilentRegistry();
      const settled = settle(images.pull(`127.0.0.1:${registry.port}/silent:1`, {}, signal));
      await Promise.race([registry.asked, settled]);
      return { settled: settled.finally(() => registry.server.close()) };
    },
  },
  {
    name: 'push',
    begin: async ({ images }, _, signal) => {
      const registry = await aSilentRegistry();
      const ref = `127.0.0.1:${registry.port}/silent:1`;
      await images.tag('busybox:latest', ref);
      const settled = settle(images.push(ref, {}, signal));
      await Promise.race([registry.asked, settled]);
      const after = async (): Promise<void> => {
        registry.server.close();
        await images.remove(ref, { force: false });
      };
      return { settled: settled.finally(after) };
    },
  },
];

async function* dockerfileTar(text: string): AsyncGenerator<Uint8Array> {
  const packing = pack();
  packing.entry({ name: 'Dockerfile' }, text);
  packing.finalize();
  for await (const bytes of packing) yield Buffer.from(bytes as Uint8Array);
}

/** Takes connections and never answers. It must be where the engine can reach it by loopback. */
async function aSilentRegistry(): Promise<{
  readonly server: Server;
  readonly port: number;
  readonly asked: Promise<unknown>;
}> {
  const server = createServer((socket) => socket.on('error', () => undefined).unref());
  server.unref();
  const asked = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, asked };
}
