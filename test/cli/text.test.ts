import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { ContractError } from '../../contracts/contract-error.ts';
import { age } from '../../src/cli/age.ts';
import { containerTable } from '../../src/cli/container-table.ts';
import { describeEvent } from '../../src/cli/describe-event.ts';
import { fail } from '../../src/cli/fail.ts';
import { linePrinter } from '../../src/cli/line-printer.ts';
import { printable, printableLine } from '../../src/cli/printable.ts';
import { anIo } from '../support/an-io.ts';

const ESC = String.fromCharCode(27);

test('names and messages lose what could move a cursor or break the line', () => {
  expect(printable(`a${ESC}[2Jb\r\nc\u0007`)).toBe('ab\uFFFD\uFFFDc\uFFFD');
});

test('a log line keeps its colours, which end with it, and loses every other control', () => {
  expect(printableLine(`${ESC}[31mred${ESC}[2J`)).toBe(`${ESC}[31mred${ESC}[0m`);
});

test('a failure is one line with the cause and what to do next, and the table’s exit code', () => {
  const io = anIo();
  expect(fail(new ContractError('not_found', 'nothing is called\nx'), io, false)).toBe(3);
  expect(io.written.err).toBe('berth: nothing is called; x. Run `berth ps` to see what there is.\n');
});

test('with --json a failure is the wire error', () => {
  const io = anIo();
  fail(new ContractError('name_conflict', 'taken', { details: { id: 'a' } }), io, true);
  expect(JSON.parse(io.written.err)).toMatchObject({
    error: { code: 'name_conflict', message: 'taken', retryable: false, details: { id: 'a' } },
  });
});

test('a usage error exits with 2, help with 0, anything unknown with 1', () => {
  expect(fail(new CommanderError(1, 'x', 'x'), anIo(), false)).toBe(2);
  expect(fail(new CommanderError(0, 'x', 'x'), anIo(), false)).toBe(0);
  expect(fail(new Error('boom'), anIo(), false)).toBe(1);
});

test('every bad field of an input is listed under the line', () => {
  const io = anIo();
  fail(
    new ContractError('invalid_input', 'two fields are wrong', {
      problems: [
        { path: 'ports.0.host', message: 'too big' },
        { path: 'env', message: 'no map' },
      ],
    }),
    io,
    false,
  );
  expect(io.written.err.split('\n').slice(1, 3)).toEqual(['  ports.0.host: too big', '  env: no map']);
});

test('ages are told in the largest whole unit', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  expect(
    ['2026-01-01T23:59:59Z', '2026-01-01T23:58:30Z', '2026-01-01T00:00:00Z', '2026-01-02T00:00:01Z'].map(
      (at) => age(at, now),
    ),
  ).toEqual(['1 second', '1 minute', '1 day', 'a moment']);
});

test('the table shows where a container listens and why one is not running', () => {
  const base = {
    image: 'redis:7',
    managed: true,
    declared: true,
    networks: [],
    labels: {},
    generation: 1,
    attempt: 1,
    restart_count: 0,
    created_at: '2026-01-01T00:00:00Z',
    stale: false,
  };
  const text = containerTable(
    [
      {
        ...base,
        id: 'a:cache',
        name: 'cache',
        status: 'running',
        started_at: '2026-01-01T00:00:00Z',
        ports: [{ host_ip: '0.0.0.0', host: 6379, container: 6379, protocol: 'tcp' }],
      },
      {
        ...base,
        id: 'a:job',
        name: 'job',
        status: 'failed',
        exit_code: 3,
        reason: { code: 'exited', message: 'exited with code 3' },
        ports: [],
      },
    ],
    Date.parse('2026-01-01T00:02:00Z'),
  );
  expect(text).toBe(`\
NAME    IMAGE     STATUS                                    PORTS                    ID
cache   redis:7   running for 2 minutes                     0.0.0.0:6379->6379/tcp   a:cache
job     redis:7   failed, exit code 3, exited with code 3                            a:job`);
  const long = containerTable(
    [
      {
        ...base,
        id: 'a:b',
        name: 'b',
        status: 'failed',
        ports: [],
        reason: { code: 'x', message: 'y'.repeat(500) },
      },
    ],
    0,
  );
  // A long reason leaves the columns after it to be seen.
  expect(long).toMatch(/ y{79}… +a:b$/m);
});

test('each line of several containers begins with its container', () => {
  const io = anIo();
  const print = linePrinter(io, ['a', 'longer'], { prefix: true, timestamps: false });
  print('a', { line: 'x', stream: 'stdout', ts: '' });
  print('longer', { line: 'y', stream: 'stderr', ts: '' });
  expect(io.written.out).toBe('a      | x\nlonger | y\n');
});

test('events are told in words, gaps with their count when it is known', () => {
  const header = { container_id: 'c', seq: 1, attempt: 1, ts: '2026-01-01T00:00:00Z' };
  expect(
    describeEvent({
      ...header,
      type: 'status',
      status: 'failed',
      exit_code: 3,
      reason: { code: 'exited', message: 'exited' },
    }),
  ).toBe('failed, exit code 3, exited');
  expect(describeEvent({ ...header, type: 'gap', reason: 'rotated' })).toBe(
    '(lines are missing here: rotated)',
  );
  expect(describeEvent({ ...header, type: 'gap', count: 4, reason: 'slow_reader' })).toBe(
    '(4 events are missing here: slow_reader)',
  );
  expect(
    describeEvent({
      ...header,
      type: 'progress',
      image: 'redis:7',
      phase: 'Downloading',
      current: 1,
      total: 4,
    }),
  ).toBe('Downloading redis:7 25%');
});
