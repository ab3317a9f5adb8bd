import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Server, startServer } from '../../src/server/server.ts';
import { aChild, type Child } from '../support/a-child.ts';
import { aDoor, type Door } from '../support/a-door.ts';
import { aNewLine } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';

let door: Door;
let server: Server;
let id: string;
beforeEach(async () => {
  door = await aDoor();
  const { dispatch, hub, join, socket } = door;
  server = await startServer(socket, { dispatch, hub, join, version: '0' });
  ({ id } = await door.docker.create({ name: 'one' }));
});
afterEach(async () => {
  door.hub.close();
  await server.close();
  await door[Symbol.asyncDispose]();
});

const subscriber = (self: string): Child =>
  aChild(new URL('processes/subscriber-process.ts', import.meta.url), [door.socket, self]);
const subscribe = (reply_to: string): Promise<unknown> =>
  door.docker.subscribe({ id, stream: { topic: 't', reply_to }, from_seq: 1 });
const tell = async (from: number, to: number): Promise<void> => {
  for (let first = from; first <= to; first += 500) {
    const lines = Array.from({ length: Math.min(500, to - first + 1) }, (_, n) => aNewLine(first + n));
    const events = await door.journal.append(id, null, lines);
    if (events !== 'fenced') door.hub.publish({ kind: 'events', stream_id: id, events });
  }
};
const saw = (child: Child, first: number, last: number): Promise<void> =>
  eventually(async () =>
    expect(await child.call('seen')).toEqual({ first, last, count: last - first + 1, in_order: true }),
  );

test('a subscriber in another process gets every event once and in order; one that joins in the middle the rest of the same', async () => {
  await Promise.all([subscribe('early'), subscribe('late')]);
  await tell(1, 1000);
  await using early = subscriber('early');
  await using late = subscriber('late');
  await early.call('listen', 't');
  await tell(1001, 5000);
  await late.call('listen', 't', 2500);
  await tell(5001, 10_000);
  await saw(early, 1, 10_000);
  await saw(late, 2500, 10_000);
});

test('one that is killed gets everything after its last ack again', async () => {
  await subscribe('mortal');
  await tell(1, 3000);
  {
    await using first = subscriber('mortal');
    await first.call('listen', 't');
    await saw(first, 1, 3000);
    await first.call('ack', id, 't', 1234);
    await first.kill('SIGKILL');
  }
  await tell(3001, 4000);
  await using second = subscriber('mortal');
  await second.call('listen', 't');
  await saw(second, 1235, 4000);
});

test('one that is stopped keeps no other waiting, and misses nothing when it goes on', async () => {
  await Promise.all([subscribe('stopped'), subscribe('quick')]);
  await tell(1, 100);
  await using stopped = subscriber('stopped');
  await using quick = subscriber('quick');
  await Promise.all([stopped.call('listen', 't'), quick.call('listen', 't')]);
  await stopped.kill('SIGSTOP');
  await tell(101, 50_000);
  await saw(quick, 1, 50_000);
  await stopped.kill('SIGCONT');
  await saw(stopped, 1, 50_000);
});

test('a server that is ended and started anew costs a subscriber nothing', async () => {
  await subscribe('patient');
  await tell(1, 100);
  await using patient = subscriber('patient');
  await patient.call('listen', 't');
  await server.close();
  await tell(101, 2000);
  const { dispatch, hub, join, socket } = door;
  server = await startServer(socket, { dispatch, hub, join, version: '0' });
  await tell(2001, 3000);
  await saw(patient, 1, 3000);
});
