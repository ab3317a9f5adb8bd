import type { resourceFields } from '../../../contracts/container-fields/resources.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { host, type LinesOf } from './fragment.ts';

/** Limits. */
export const RESOURCE_LINES: LinesOf<typeof resourceFields> & LinesOf<{ memory_limit: 0; cpu_limit: 0 }> = {
  memory_limit: host((value) => ({ Memory: value })),
  cpu_limit: host((value) => ({ NanoCpus: nanoCpus(value) })),
  memory_swap: host((value) => ({ MemorySwap: value })),
  memory_reservation: host((value) => ({ MemoryReservation: value })),
  memory_swappiness: host((value) => ({ MemorySwappiness: value })),
  kernel_memory: host((value) => ({ KernelMemory: value })),
  oom_kill_disable: host((value) => (value ? { OomKillDisable: true } : {})),
  oom_score_adj: host((value) => ({ OomScoreAdj: value })),
  cpu_shares: host((value) => ({ CpuShares: value })),
  cpu_period: host((value) => ({ CpuPeriod: value })),
  cpu_quota: host((value) => ({ CpuQuota: value })),
  cpu_rt_period: host((value) => ({ CpuRealtimePeriod: value })),
  cpu_rt_runtime: host((value) => ({ CpuRealtimeRuntime: value })),
  cpuset_cpus: host((value) => ({ CpusetCpus: value })),
  cpuset_mems: host((value) => ({ CpusetMems: value })),
  blkio_weight: host((value) => ({ BlkioWeight: value })),
  blkio_weight_device: host((value) => ({
    BlkioWeightDevice: value.map(({ path, weight }) => ({ Path: path, Weight: weight })),
  })),
  device_read_bps: host((value) => ({ BlkioDeviceReadBps: rates(value) })),
  device_write_bps: host((value) => ({ BlkioDeviceWriteBps: rates(value) })),
  device_read_iops: host((value) => ({ BlkioDeviceReadIOps: rates(value) })),
  device_write_iops: host((value) => ({ BlkioDeviceWriteIOps: rates(value) })),
  pids_limit: host((value) => ({ PidsLimit: value })),
  shm_size: host((value) => ({ ShmSize: value })),
  ulimits: host((value) => ({ Ulimits: Object.entries(value).map(ulimit) })),
};

/** CPUs as the engine counts them. */
export function nanoCpus(cpus: number): number {
  return Math.round(cpus * 1e9);
}

function rates(given: NonNullable<ContainerSpec['device_read_bps']>): readonly object[] {
  return given.map(({ path, rate }) => ({ Path: path, Rate: rate }));
}

function ulimit([name, given]: [string, NonNullable<ContainerSpec['ulimits']>[string]]): object {
  const { soft, hard } = typeof given === 'number' ? { soft: given, hard: given } : given;
  return { Name: name, Soft: soft, Hard: hard };
}
