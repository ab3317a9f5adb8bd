import { z } from 'zod';
import { byteSize } from '../units.ts';
import { devicePath } from './texts.ts';

const cpus = z
  .string()
  .max(256)
  .regex(/^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*$/, 'numbers and ranges, like 0-2,4');
const rate = (unit: string, value: z.ZodType<number>) =>
  z
    .array(
      z.strictObject({ path: devicePath.describe('The device, like /dev/sda.'), rate: value.describe(unit) }),
    )
    .min(1)
    .max(64);
const micros = z.int().min(1).max(1_000_000);
const limit = z.int().min(-1).max(Number.MAX_SAFE_INTEGER);

/** Limits. Which of them are changed without a recreate is said in `src/plan/in-place.ts`. */
export const resourceFields = {
  memory_swap: z
    .union([z.literal(-1), byteSize])
    .describe('Memory and swap together; -1: swap without limit. Needs `memory_limit`. Default: twice that.')
    .optional(),
  memory_reservation: byteSize
    .describe('Memory that it is pressed back to when the machine runs short.')
    .optional(),
  memory_swappiness: z
    .int()
    .min(0)
    .max(100)
    .describe('How readily it is swapped out, 0 to 100. Not with cgroup v2.')
    .optional(),
  kernel_memory: byteSize
    .describe('Memory of the kernel’s on its behalf. Only engines up to API 1.41.')
    .optional(),
  oom_kill_disable: z
    .boolean()
    .describe('Let it wait for memory instead of killing it. Needs `memory_limit`; not with cgroup v2.')
    .optional(),
  oom_score_adj: z
    .int()
    .min(-1000)
    .max(1000)
    .describe('How early it is killed when the machine runs out of memory.')
    .optional(),
  cpu_shares: z
    .int()
    .min(2)
    .max(262_144)
    .describe('Its weight against others when processors are short. The usual one is 1024.')
    .optional(),
  cpu_period: z
    .int()
    .min(1000)
    .max(1_000_000)
    .describe('Microseconds of one period of `cpu_quota`.')
    .optional(),
  cpu_quota: z
    .int()
    .min(1000)
    .describe('Microseconds of processor time in each period. Not together with `cpu_limit`.')
    .optional(),
  cpu_rt_period: micros.describe('Microseconds of one period of real-time scheduling.').optional(),
  cpu_rt_runtime: micros.describe('Microseconds of real-time scheduling in each period.').optional(),
  cpuset_cpus: cpus.describe('The processors it may use, like 0-2,4.').optional(),
  cpuset_mems: cpus.describe('The memory nodes it may use.').optional(),
  blkio_weight: z
    .int()
    .min(10)
    .max(1000)
    .describe('Its weight against others at block devices, 10 to 1000.')
    .optional(),
  blkio_weight_device: z
    .array(z.strictObject({ path: devicePath, weight: z.int().min(10).max(1000) }))
    .min(1)
    .max(64)
    .describe('The same for one device each.')
    .optional(),
  device_read_bps: rate('Bytes per second, like 1m.', byteSize)
    .describe('How fast it may read from devices.')
    .optional(),
  device_write_bps: rate('Bytes per second, like 1m.', byteSize)
    .describe('How fast it may write to devices.')
    .optional(),
  device_read_iops: rate('Operations per second.', z.int().min(1))
    .describe('How often it may read from devices.')
    .optional(),
  device_write_iops: rate('Operations per second.', z.int().min(1))
    .describe('How often it may write to devices.')
    .optional(),
  pids_limit: z
    .union([z.literal(-1), z.int().min(1).max(4_194_304)])
    .describe('How many processes it may have; -1 is no limit.')
    .optional(),
  shm_size: byteSize.describe('Size of /dev/shm. Default: 64m.').optional(),
  ulimits: z
    .record(
      z
        .string()
        .regex(
          /^(as|core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack)$/,
          'a limit like nofile or nproc',
        ),
      z.union([
        limit,
        z
          .strictObject({ soft: limit, hard: limit })
          .refine(
            ({ soft, hard }) => hard === -1 || (soft !== -1 && soft <= hard),
            'the soft limit cannot be above the hard one',
          ),
      ]),
    )
    .describe('Limits of its processes, like nofile: 1024, or { soft, hard }; -1 is none.')
    .optional(),
} as const;
