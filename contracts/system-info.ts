import { z } from 'zod';

const words = z.array(z.string());

/** Which engine answers. */
export const engineVersion = z.object({
  engine: z.string(),
  api: z.string().describe('The API version spoken with it: the newest that both know.'),
  api_newest: z.string().describe('The newest that the engine knows.'),
  api_oldest: z.string().describe('The oldest that the engine knows.'),
  os: z.string(),
  architecture: z.string(),
  kernel: z.string().optional(),
  components: z.array(z.object({ name: z.string(), version: z.string() })).describe('containerd, runc …'),
});
export type EngineVersion = z.infer<typeof engineVersion>;

/** What the engine says of itself and its machine. Sizes in bytes. */
export const engineInfo = z.object({
  id: z.string(),
  name: z.string().describe('The machine’s name.'),
  engine: z.string().describe('Version of the engine.'),
  os: z.string(),
  os_name: z.string().describe('As its makers call it.'),
  kernel: z.string(),
  architecture: z.string(),
  cpus: z.int(),
  memory: z.int(),
  containers: z.object({ running: z.int(), paused: z.int(), stopped: z.int() }),
  images: z.int(),
  data_root: z.string().describe('Where it keeps everything.'),
  storage_driver: z.string(),
  log_driver: z.string().describe('For containers that name none.'),
  log_drivers: words,
  network_drivers: words,
  volume_drivers: words,
  runtimes: words,
  default_runtime: z.string(),
  cgroup_driver: z.string(),
  cgroup_version: z.string().describe('1 or 2.'),
  security: words.describe('seccomp, apparmor, selinux, userns, rootless, cgroupns …'),
  rootless: z.boolean(),
  live_restore: z.boolean().describe('True: containers go on while the engine is down.'),
  swarm: z.string().describe('inactive, active …'),
  limits: z
    .object({
      memory: z.boolean(),
      swap: z.boolean(),
      cpu_quota: z.boolean(),
      cpu_shares: z.boolean(),
      cpuset: z.boolean(),
      pids: z.boolean(),
      oom_kill_disable: z.boolean(),
    })
    .describe('Which limits the machine can hold a container to.'),
  devices: words.describe('Vendors whose devices (GPUs) it can hand to a container, as far as it says.'),
  cdi: z.boolean().describe('True: it hands out devices by the Container Device Interface.'),
  registry_mirrors: words,
  insecure_registries: words,
  labels: words,
  warnings: words,
});
export type EngineInfo = z.infer<typeof engineInfo>;

/** What one kind of thing takes on disk. Sizes in bytes. */
export const diskUsage = z.object({
  count: z.int(),
  active: z.int().describe('In use now.'),
  size: z.int(),
  reclaimable: z.int().describe('Of what is not in use.'),
});
export type DiskUsage = z.infer<typeof diskUsage>;

export const DISK_KINDS = ['image', 'container', 'volume', 'build_cache'] as const;
export const diskItem = z.object({
  kind: z.enum(DISK_KINDS),
  id: z.string().describe('The engine’s id; of a volume its name.'),
  name: z.string(),
  size: z.int().describe('What would be freed with it; 0 when the engine does not say.'),
  in_use: z.boolean(),
  managed: z.boolean().describe('Ours. Images and the build cache are the engine’s.'),
});
export type DiskItem = z.infer<typeof diskItem>;

/** One thing that engines can do or not. */
export const capability = z.object({
  name: z.string(),
  available: z.boolean(),
  description: z.string(),
  why: z.string().describe('Why it is not there.').optional(),
});
export type Capability = z.infer<typeof capability>;
