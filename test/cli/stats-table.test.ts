import { expect, test } from 'vitest';
import type { ContainerStats } from '../../contracts/container-methods/stats.ts';
import { formatBytes } from '../../src/cli/format-bytes.ts';
import { redraw } from '../../src/cli/redraw.ts';
import { statsTable } from '../../src/cli/stats-table.ts';
import { anIo } from '../support/an-io.ts';

const SAMPLE: ContainerStats = {
  id: 'app:cache',
  name: 'cache',
  sample: {
    ts: '2026-01-01T00:00:00Z',
    cpu_percent: 12.345,
    cpu_seconds: 1,
    cpus: 2,
    memory_usage: 7_890_000,
    memory_limit: 64 * 1024 * 1024,
    memory_percent: 11.76,
    network_rx: 1000,
    network_tx: 0,
    block_read: 3 * 1024 ** 3,
    block_write: 1024,
    pids: 3,
  },
};

test('sizes are told in the unit that leaves at least one, with three digits', () => {
  expect(
    [0, 1, 1023, 1024, 7_890_000, 64 * 1024 ** 2, 999 * 1024 ** 3, 5 * 1024 ** 5].map(formatBytes),
  ).toEqual(['0 B', '1 B', '1023 B', '1.00 KiB', '7.52 MiB', '64.0 MiB', '999 GiB', '5120 TiB']);
});

test('a row tells what a container uses, or why that is not known', () => {
  const [head, row, gap] = statsTable([SAMPLE, { id: 'x', name: 'x', gap: 'not_found' }]).split('\n');
  expect(head).toMatch(/^NAME +CPU +MEMORY \/ LIMIT/);
  expect(row?.split(/ {2,}/)).toEqual([
    'cache',
    '12.3%',
    '7.52 MiB / 64.0 MiB',
    '11.8%',
    '1000 B / 0 B',
    '3.00 GiB / 1.00 KiB',
    '3',
  ]);
  expect(gap?.split(/ {2,}/)).toEqual(['x', 'not found']);
});

test('a table that is higher than the terminal says how many rows are left out', () => {
  const many = Array.from({ length: 30 }, () => SAMPLE);
  expect(statsTable(many, 31).split('\n')).toHaveLength(31);
  const cut = statsTable(many, 10).split('\n');
  expect(cut).toHaveLength(10);
  expect(cut.at(-1)).toBe('(22 more)');
});

test('on a terminal a text takes the place of the one before', () => {
  const io = anIo({ terminal: true });
  const draw = redraw(io);
  draw('one\ntwo');
  draw('three');
  expect(io.written.out).toContain('three');
  expect(io.written.out.slice(io.written.out.indexOf('two') + 3)).toContain(`${String.fromCharCode(27)}[`);
});
