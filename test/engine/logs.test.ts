import { expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { unixTime } from '../../src/engine/docker/read-logs.ts';
import type { LogFrame, LogQuery } from '../../src/engine/port/container-calls.ts';
import { eventually } from '../support/eventually.ts';
import { aFakeDaemon, chunks, json, type Reply, text } from '../support/fake-daemon.ts';

const TS = '2026-01-02T03:04:05.123456789Z';
const FOLLOW: LogQuery = { follow: true, tty: false };
const at = (reply: Reply) => aFakeDaemon({ 'GET /containers/web/logs': reply });

function frame(stream: 1 | 2, line: string): Buffer {
  const data = Buffer.from(`${TS} ${line}`);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

async function read(batches: AsyncIterable<readonly LogFrame[]>, lines: string[]): Promise<void> {
  for await (const batch of batches)
    lines.push(...batch.map(({ stream, data }) => `${stream}: ${data.toString()}`));
}

test('a log that ends well ends the reading', async () => {
  await using daemon = await at(chunks([frame(1, 'one\n'), frame(2, 'two\n')], 'end'));
  const lines: string[] = [];
  await read(daemon.engine().containers.logs('web', FOLLOW, new AbortController().signal), lines);
  expect(lines).toEqual(['stdout: one', 'stderr: two']);
});

test.each([
  ['between frames', [frame(1, 'one\n')]],
  ['in the middle of a frame', [frame(1, 'one\n'), frame(1, 'two\n').subarray(0, 20)]],
])('a log that breaks %s throws engine_unreachable after what was whole', async (_, pieces) => {
  await using daemon = await at(chunks(pieces, 'break'));
  const lines: string[] = [];
  const reading = read(daemon.engine().containers.logs('web', FOLLOW, new AbortController().signal), lines);
  await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'engine_unreachable'));
  expect(lines).toEqual(['stdout: one']);
});

test('an abort ends a silent follow at once as aborted, and closes its socket', async () => {
  await using daemon = await at(chunks([frame(1, 'one\n')], 'stay'));
  const caller = new AbortController();
  const lines: string[] = [];
  const reading = read(daemon.engine().containers.logs('web', FOLLOW, caller.signal), lines);
  await eventually(() => expect(lines).toHaveLength(1));
  caller.abort();
  await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'aborted'));
  await eventually(() => expect([...daemon.connections].length).toBeLessThanOrEqual(1));
});

test('whoever stops reading closes the socket', async () => {
  await using daemon = await at(chunks([frame(1, 'one\n'), frame(1, 'two\n')], 'stay'));
  for await (const _ of daemon.engine().containers.logs('web', FOLLOW, new AbortController().signal)) break;
  await eventually(() => expect([...daemon.connections].length).toBeLessThanOrEqual(1));
});

test('what is not read is not fetched', async () => {
  let sent = 0;
  const line = frame(1, `${'x'.repeat(16_000)}\n`);
  await using daemon = await at((response) => {
    const more = (): void => {
      while (!response.destroyed && sent < 100e6) {
        sent += line.length;
        if (!response.write(line)) return;
      }
    };
    response.on('drain', more);
    more();
  });
  const batches = daemon.engine().containers.logs('web', FOLLOW, new AbortController().signal);
  const reader = batches[Symbol.asyncIterator]();
  await reader.next();
  let before = -1;
  let rounds = 0;
  await eventually(() => {
    rounds = sent === before ? rounds + 1 : 0;
    before = sent;
    expect(rounds).toBe(6);
  });
  expect(sent).toBeLessThan(20e6);
  await reader.return?.();
});

test.each([
  [501, 'configured logging driver does not support reading'],
  [500, 'configured logging driver does not support reading'],
])('a driver that cannot be read (%i) is logs_unavailable', async (status, message) => {
  await using daemon = await at(json({ message }, status));
  const reading = read(daemon.engine().containers.logs('web', FOLLOW, new AbortController().signal), []);
  await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'logs_unavailable'));
});

test('no such container is not_found', async () => {
  await using daemon = await at(json({ message: 'No such container: web' }, 404));
  const reading = read(daemon.engine().containers.logs('web', FOLLOW, new AbortController().signal), []);
  await expect(reading).rejects.toSatisfy((error) => isContractError(error, 'not_found'));
});

test('a terminal’s log has no frames', async () => {
  await using daemon = await at(chunks([`${TS} on`, `e\r\n${TS} two\r\n`], 'end'));
  const lines: string[] = [];
  const query = { ...FOLLOW, tty: true };
  await read(daemon.engine().containers.logs('web', query, new AbortController().signal), lines);
  expect(lines).toEqual(['stdout: one', 'stdout: two']);
});

test('times are asked for to the nanosecond, and always with timestamps', async () => {
  await using daemon = await at(text(''));
  const query = { follow: false, tty: false, since: TS, until: '2026-01-02T04:04:06+01:00', tail: 5 };
  await read(daemon.engine().containers.logs('web', query, new AbortController().signal), []);
  expect(Object.fromEntries(daemon.asked.at(-1)?.query ?? [])).toEqual({
    stdout: '1',
    stderr: '1',
    timestamps: '1',
    follow: '0',
    since: '1767323045.123456789',
    until: '1767323046.000000000',
    tail: '5',
  });
});

test.each(['yesterday', '', '2026-13-01T00:00:00Z', '1767323045'])('`%s` is no time', (since) => {
  expect(() => unixTime(since)).toThrow('no RFC 3339 time');
});
