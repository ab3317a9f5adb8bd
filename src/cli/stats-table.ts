import type { ContainerStats } from '../../contracts/container-methods/stats.ts';
import { formatBytes } from './format-bytes.ts';
import { table } from './table.ts';

const HEAD = [
  'NAME',
  'CPU',
  'MEMORY / LIMIT',
  'MEMORY',
  'NETWORK IN / OUT',
  'DISK READ / WRITTEN',
  'PROCESSES',
];

/** What `berth stats` shows; of more rows than `most` it says how many are left out. */
export function statsTable(samples: readonly ContainerStats[], most = Number.POSITIVE_INFINITY): string {
  if (samples.length === 0) return 'No container runs.';
  const room = samples.length + 1 <= most ? samples.length : Math.max(1, most - 2);
  const shown = table(HEAD, samples.slice(0, room).map(rowOf));
  return room === samples.length ? shown : `${shown}\n(${samples.length - room} more)`;
}

function rowOf({ name, sample, gap }: ContainerStats): readonly string[] {
  if (sample === undefined)
    return [name, gap === 'not_found' ? 'not found' : 'not running', '', '', '', '', ''];
  const pair = (a: number, b: number): string => `${formatBytes(a)} / ${formatBytes(b)}`;
  return [
    name,
    `${sample.cpu_percent.toFixed(1)}%`,
    pair(sample.memory_usage, sample.memory_limit),
    `${sample.memory_percent.toFixed(1)}%`,
    pair(sample.network_rx, sample.network_tx),
    pair(sample.block_read, sample.block_write),
    String(sample.pids),
  ];
}
