import type { convergenceFields } from '../../../contracts/container-fields/convergence.ts';
import type { handlingFields } from '../../../contracts/container-fields/handling.ts';
import type { resourceFields } from '../../../contracts/container-fields/resources.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { commandWords } from '../command-words.ts';
import { ANY, asSaid, type FieldRows, flag, whenSaid } from './field-row.ts';
import { healthShown } from './health.ts';
import { labelsShown } from './labels.ts';
import { NETWORKING_FIELDS } from './networking.ts';
import { SECURITY_FIELDS } from './security.ts';
import { STORAGE_FIELDS } from './storage.ts';

const unlessZero = { class: 'recreate', wanted: (value: number | undefined) => value || null } as const;

const RESOURCE_FIELDS = {
  memory_limit: { class: 'in_place' },
  cpu_limit: { class: 'in_place' },
  memory_swap: { class: 'in_place' },
  memory_reservation: { class: 'in_place' },
  cpu_shares: { class: 'in_place' },
  cpu_period: { class: 'in_place' },
  cpu_quota: { class: 'in_place' },
  cpuset_cpus: { class: 'in_place' },
  cpuset_mems: { class: 'in_place' },
  blkio_weight: { class: 'in_place' },
  pids_limit: { class: 'in_place' },
  memory_swappiness: whenSaid,
  kernel_memory: whenSaid,
  oom_kill_disable: flag,
  oom_score_adj: unlessZero,
  cpu_rt_period: unlessZero,
  cpu_rt_runtime: unlessZero,
  blkio_weight_device: asSaid,
  device_read_bps: asSaid,
  device_write_bps: asSaid,
  device_read_iops: asSaid,
  device_write_iops: asSaid,
  shm_size: whenSaid,
  // The engine adds its own defaults to what is left out.
  ulimits: {
    class: 'recreate',
    wanted: (value) =>
      value === undefined
        ? ANY
        : Object.fromEntries(
            Object.entries(value).map(([name, one]) => [
              name,
              typeof one === 'number' ? { soft: one, hard: one } : { soft: one.soft, hard: one.hard },
            ]),
          ),
  },
} as const satisfies FieldRows<typeof resourceFields> & FieldRows<{ memory_limit: 0; cpu_limit: 0 }>;

const HANDLING_FIELDS = {
  platform: { class: 'recreate', compared: 'by hash' },
  build: { class: 'recreate', compared: 'by image id' },
  pull_policy: { class: 'none' },
  auto_remove: { class: 'none' },
  // Some of it is our own choice, by what the engine is.
  logging: {
    class: 'recreate',
    wanted: (value) => value?.driver ?? ANY,
  },
  annotations: whenSaid,
} as const satisfies FieldRows<typeof handlingFields>;

const CONVERGENCE_FIELDS = {
  depends_on: { class: 'none' },
  role: { class: 'none' },
  probes: { class: 'none' },
  on_unhealthy: { class: 'none' },
} as const satisfies FieldRows<typeof convergenceFields>;

/** Every field of a container: what is compared of it, and what becomes of a container that differs. One without its row does not compile. */
export const FIELDS = {
  ...NETWORKING_FIELDS,
  ...STORAGE_FIELDS,
  ...RESOURCE_FIELDS,
  ...SECURITY_FIELDS,
  ...HANDLING_FIELDS,
  ...CONVERGENCE_FIELDS,
  image: { class: 'recreate', compared: 'by image id' },
  command: {
    class: 'recreate',
    wanted: (value, { spec, image }) => {
      const own = value ?? spec.args;
      if (own !== undefined) return typeof own === 'string' ? commandWords(own) : own;
      // An entrypoint of one’s own goes without the image’s command.
      if (spec.entrypoint !== undefined && spec.entrypoint !== '') return null;
      return image === undefined ? ANY : (image.command ?? null);
    },
  },
  args: { class: 'recreate', compared: 'command' },
  entrypoint: {
    class: 'recreate',
    wanted: (value, { image }) => {
      if (value === undefined) return image === undefined ? ANY : (image.entrypoint ?? null);
      const words = typeof value === 'string' ? commandWords(value) : value;
      return words.length === 0 ? null : words;
    },
  },
  env: {
    class: 'recreate',
    wanted: (value, { image }) => (image === undefined ? ANY : { ...image.env, ...value }),
  },
  work_dir: {
    class: 'recreate',
    wanted: (value, { image }) => pathShown(value ?? (image === undefined ? ANY : (image.work_dir ?? null))),
  },
  interactive: flag,
  tty: flag,
  stdin_once: {
    class: 'recreate',
    wanted: (value, { spec }) => (spec.interactive ? (value ?? ANY) : ANY),
  },
  labels: { class: 'recreate', wanted: labelsShown },
  restart_policy: { class: 'in_place' },
  user: {
    class: 'recreate',
    wanted: (value, { image }) => value ?? (image === undefined ? ANY : (image.user ?? null)),
  },
  hostname: whenSaid,
  health_check: { class: 'recreate', wanted: healthShown },
  init: { class: 'recreate', wanted: (value) => value ?? true },
  stop_signal: {
    class: 'recreate',
    wanted: (value, { image }) => {
      const said = value ?? (image === undefined ? ANY : image.stop_signal);
      return said === ANY ? ANY : signalShown(said);
    },
  },
  stop_timeout: { class: 'recreate', wanted: (value) => Math.ceil(value ?? STOP_TIMEOUT) },
} as const satisfies FieldRows<Required<ContainerSpec>>;

/** Seconds before a kill when the spec does not say. */
export const STOP_TIMEOUT = 10;

/** Fields that are compared with what the engine shows of them. */
export type SettingField = {
  [K in keyof typeof FIELDS]: (typeof FIELDS)[K] extends { readonly wanted: unknown } ? K : never;
}[keyof typeof FIELDS];

/** `/app/` is `/app`. */
function pathShown(path: string | null | typeof ANY): string | null | typeof ANY {
  if (path === ANY || path === null || path === '') return path === '' ? null : path;
  return path === '/' ? path : path.replace(/\/+$/, '');
}

/** `TERM` is `SIGTERM`; that is what is sent when nothing is said. */
export function signalShown(signal: string | null | undefined): string | null {
  if (!signal) return null;
  const name = /^\d+$/.test(signal) || signal.startsWith('SIG') ? signal : `SIG${signal}`;
  return name === 'SIGTERM' || name === '15' ? null : name;
}
