import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, connect } from '../../src/connect.ts';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

let berth: BerthFolder;
let engine: ReturnType<typeof rawEngine>;
let silent: Server;
/** What the silent registry was asked by. */
const asking = new Set<Socket>();
let registry = '';

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  silent = createServer((socket) => {
    asking.add(socket);
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  registry = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  berth = await aBerthFolder(host);
}, 120_000);
afterAll(async () => {
  await berth[Symbol.asyncDispose]();
  await engine.ask('DELETE', `/images/${registry}/pushed:1`);
  for (const socket of asking) socket.destroy();
  silent.close();
}, 60_000);

const tried = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );

test('whatever is under way, Berth ends soon when it is told to, and tells everybody', async () => {
  await berth.write(
    'ending/_index.yaml',
    `namespace: ending
entries:
  - name: ending-talks
    kind: registry.entry
    meta: { type: docker.container }
    image: busybox:latest
    command: ["sh", "-c", "while sleep 0.1; do echo x; done"]
    interactive: true
    stop_timeout: 1
  - name: ending-waits
    kind: registry.entry
    meta: { type: docker.container }
    image: ${registry}/waits:1
  - name: ending-image
    kind: registry.entry
    meta: { type: docker.image }
    image: ${registry}/declared:1
`,
  );
  const up = await berth.up('--workers', '2');
  await berth.until('ending-talks', ({ status }) => status === 'running');
  const socket = join(berth.state, 'berth.sock');
  const connection: Connection = await connect(socket);
  const open = connection.contract.open;
  const containers = open('userspace.docker:containers');
  const images = open('userspace.docker:images');
  const system = open('userspace.docker:system');
  const id = (await containers.get({ id: 'ending-talks' })).id;

  await images.tag({ image: 'busybox:latest', target: `${registry}/pushed:1` });
  await containers.stats({ id, stream: { topic: 'ending.stats' } });
  await system.events({ stream: { topic: 'ending.events' } });
  await containers.exec({ id, args: ['sleep', '987'], stream: { topic: 'ending.exec' } });
  const built = await images.build({
    name: 'berth-test/ending',
    dockerfile: 'FROM busybox:latest\nRUN echo begun; sleep 986\n',
    no_cache: true,
  });
  await eventually(async () => {
    expect((await images.build_status({ build_id: built.build_id })).log).toContain('begun');
  }, 60_000);
  const waiting = {
    streamed: tried(images.pull({ image: `${registry}/streamed:1`, stream: { topic: 'ending.pull' } })),
    pull: tried(images.pull({ image: `${registry}/pulled:1` })),
    push: tried(images.push({ image: `${registry}/pushed:1` })),
    search: tried(images.search({ term: `${registry}/anything` })),
    exec: tried(containers.exec({ id, args: ['sleep', '985'] })),
    wait: tried(containers.wait({ id })),
    build: tried(images.build_status({ build_id: built.build_id, wait: true })),
    start: tried(containers.start({ id: 'ending-waits', wait: true })),
  };
  const { session_id } = await containers.attach({ id });
  const session = connection.join(session_id);
  const attached = tried(
    (async () => {
      for await (const _ of session.events);
    })(),
  );
  // One who asks for a session that is none, and does not close his side.
  const odd = dial({ path: socket, allowHalfOpen: true });
  odd
    .on('error', () => undefined)
    .write('GET /v1/sessions/no HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  odd.resume();
  await once(odd, 'end');

  await eventually(async () => {
    expect(asking.size).toBeGreaterThan(5);
    const { body } = await engine.ask('GET', `/containers/ending-talks/top?ps_args=-o%20pid,args`);
    expect(JSON.stringify(body)).toMatch(/sleep 985.*sleep 987|sleep 987.*sleep 985/);
  }, 60_000);

  up.kill('SIGTERM');
  const begun = performance.now();
  expect(await up.ended).toBe(0);
  expect(performance.now() - begun).toBeLessThan(60_000);
  const told = await connectionsTold(waiting, attached);
  expect(Object.values(told)).not.toContain('done');
  await connection.close();
  odd.destroy();
  // Commands end in their container, and the container runs on.
  const { body } = await engine.ask('GET', `/containers/ending-talks/top?ps_args=-o%20pid,args`);
  expect(JSON.stringify(body)).not.toMatch(/sleep 98[57]/);
  expect(up.written.err).not.toMatch(/defect|left open/);
  expect((await berth.run('down')).code).toBe(0);
}, 180_000);

async function connectionsTold(
  waiting: Readonly<Record<string, Promise<string>>>,
  attached: Promise<string>,
): Promise<Record<string, string>> {
  const all = Object.entries({ ...waiting, attached });
  return Object.fromEntries(await Promise.all(all.map(async ([name, end]) => [name, await end] as const)));
}
