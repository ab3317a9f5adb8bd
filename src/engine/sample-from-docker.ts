import type { ContainerStats } from 'dockerode';
import type { UsageSample } from '../../contracts/container-methods/stats.ts';

/** Two samples of the engine as one of ours; undefined when nothing ran at either of them. */
export function sampleOf(stats: ContainerStats): UsageSample | undefined {
  const { read, cpu_stats: now, precpu_stats: before, memory_stats: memory } = stats;
  // The engine writes the year 1, and no times of the machine, for what does not run.
  if (read.startsWith('0001-') || !before?.system_cpu_usage || !now.system_cpu_usage) return undefined;
  const cpus = now.online_cpus || now.cpu_usage.percpu_usage?.length || 1;
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = now.system_cpu_usage - before.system_cpu_usage;
  const memory_usage = usedMemory(memory);
  const memory_limit = memory?.limit ?? 0;
  return {
    ts: read,
    cpu_percent: passed > 0 && used > 0 ? (used / passed) * cpus * 100 : 0,
    cpu_seconds: now.cpu_usage.total_usage / 1e9,
    cpus,
    memory_usage,
    memory_limit,
    memory_percent: memory_limit > 0 ? (memory_usage / memory_limit) * 100 : 0,
    network_rx: sum(stats.networks, ({ rx_bytes }) => rx_bytes),
    network_tx: sum(stats.networks, ({ tx_bytes }) => tx_bytes),
    block_read: bytesOf(stats, 'read'),
    block_write: bytesOf(stats, 'write'),
    pids: stats.pids_stats?.current ?? 0,
  };
}

/** As `docker stats` counts: without the file cache that nobody uses (named differently in cgroup v1 and v2). */
function usedMemory(memory: ContainerStats['memory_stats'] | undefined): number {
  const { usage = 0, stats } = memory ?? {};
  const cache = stats?.total_inactive_file ?? stats?.inactive_file ?? 0;
  return cache < usage ? usage - cache : usage;
}

function sum<T>(all: Readonly<Record<string, T>> | undefined, of: (one: T) => number): number {
  return Object.values(all ?? {}).reduce((total, one) => total + of(one), 0);
}

/** Read or written on all devices; `Read` in cgroup v1, `read` in v2. */
function bytesOf({ blkio_stats }: ContainerStats, operation: 'read' | 'write'): number {
  return (blkio_stats?.io_service_bytes_recursive ?? [])
    .filter(({ op }) => op.toLowerCase() === operation)
    .reduce((total, { value }) => total + value, 0);
}
