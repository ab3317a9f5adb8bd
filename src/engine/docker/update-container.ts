import { ContractError } from '../../../contracts/contract-error.ts';
import { CAN_BE_TAKEN_OFF, LIMIT_FIELDS, USUAL_PERIOD } from '../../plan/in-place.ts';
import type { ContainerCalls } from '../port/container-calls.ts';
import { nanoCpus } from '../to-docker/resources.ts';
import { dockerPolicy } from '../to-docker.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { type ContainerQueries, containerPath } from './container-queries.ts';

/** As much as the kernel can count, which to it is no limit: the engine takes no word for that, and does not hand on a -1 to what runs. */
const NO_LIMIT = 2 ** 63 - 4096;

/** Limits in place. The engine takes no zero for «none», so what would have to be taken off is unsupported. */
export function updateContainer(api: Api, { inspect }: ContainerQueries): ContainerCalls['update'] {
  return async (ref, limits, signal) => {
    const seen = await inspect(ref, signal);
    if (seen === undefined) throw new ContractError('not_found', `no container ${ref} on the engine`);
    const cleared = LIMIT_FIELDS.filter(
      (limit) => !CAN_BE_TAKEN_OFF.has(limit) && limits[limit] === undefined && seen[limit] !== undefined,
    );
    if (cleared.length > 0)
      throw new ContractError('unsupported', `the engine cannot take ${cleared.join(' and ')} off ${ref}`);
    const { memory_limit, cpu_limit } = limits;
    const body = {
      RestartPolicy: dockerPolicy(limits.restart_policy),
      // Twice the memory is what the engine itself sets for swap; it refuses a limit above the old one’s swap.
      ...(memory_limit !== undefined && {
        Memory: memory_limit,
        MemorySwap: limits.memory_swap ?? 2 * memory_limit,
      }),
      ...(memory_limit === undefined &&
        seen.memory_limit !== undefined && { Memory: NO_LIMIT, MemorySwap: NO_LIMIT }),
      ...(cpu_limit !== undefined && { NanoCpus: nanoCpus(cpu_limit) }),
      MemoryReservation: limits.memory_reservation,
      CpuShares: limits.cpu_shares,
      CpuPeriod: limits.cpu_period ?? (seen.cpu_period === undefined ? undefined : USUAL_PERIOD),
      CpuQuota: limits.cpu_quota ?? (seen.cpu_quota === undefined ? undefined : -1),
      CpusetCpus: limits.cpuset_cpus,
      CpusetMems: limits.cpuset_mems,
      BlkioWeight: limits.blkio_weight,
      ...((limits.pids_limit !== undefined || seen.pids_limit !== undefined) && {
        PidsLimit: limits.pids_limit ?? -1,
      }),
    };
    const answer = await api.ask(
      { method: 'POST', path: containerPath(seen.id, '/update'), body, again: true },
      { doing: `update ${ref}`, deadline: DEADLINE.mutate, signal },
    );
    return { warnings: bodyOf<{ Warnings?: string[] | null }>(answer).Warnings ?? [] };
  };
}
