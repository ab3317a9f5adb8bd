import type { ContainerInspectInfo } from 'dockerode';
import type { Limits } from '../plan/actions.ts';

/** Bytes. More than any machine has: how a limit was taken off a container that was left as it is. */
const UNLIMITED = 2 ** 62;

type Seen = Omit<Limits, 'restart_policy'>;

/** The limits that an inspect shows; zeros, empty texts and what has no end are none. */
export function observedLimits(host: ContainerInspectInfo['HostConfig']): Seen {
  const above = (value: number | null | undefined): number | undefined =>
    typeof value === 'number' && value > 0 ? value : undefined;
  const text = (value: string | undefined): string | undefined => (value ? value : undefined);
  const cpus = above(host.NanoCpus);
  const swap = host.MemorySwap;
  const shown: { readonly [K in keyof Required<Seen>]: Seen[K] | undefined } = {
    memory_limit: host.Memory !== undefined && host.Memory >= UNLIMITED ? undefined : above(host.Memory),
    memory_swap: swap === undefined || swap === 0 ? undefined : swap >= UNLIMITED ? -1 : swap,
    memory_reservation: above(host.MemoryReservation),
    cpu_limit: cpus === undefined ? undefined : cpus / 1e9,
    cpu_shares: above(host.CpuShares),
    cpu_period: above(host.CpuPeriod),
    cpu_quota: above(host.CpuQuota),
    cpuset_cpus: text(host.CpusetCpus),
    cpuset_mems: text(host.CpusetMems),
    blkio_weight: above(host.BlkioWeight),
    pids_limit: above(host.PidsLimit),
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}
