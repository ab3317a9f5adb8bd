import type { ComposeService } from '../model/service.ts';
import type { Fields, Taking } from './taking.ts';

type Given<K extends keyof ComposeService> = NonNullable<ComposeService[K]>;
type Size = string | number;

/** Zero is Compose’s word for none. */
export function size<K extends 'memory_limit' | 'memory_reservation' | 'memory_swap' | 'shm_size'>(
  field: K,
  given: Size,
): Fields {
  if (String(given) === '0') return {};
  return { [field]: String(given) === '-1' ? -1 : given };
}

export function blkio(given: Given<'blkio_config'>): Fields {
  const { weight, weight_device, device_read_bps, device_read_iops, device_write_bps, device_write_iops } =
    given;
  const counts = (rates: typeof device_read_iops): { path: string; rate: number }[] | undefined =>
    rates?.map(({ path, rate }) => ({ path, rate: Number(rate) }));
  const [reads, writes] = [counts(device_read_iops), counts(device_write_iops)];
  return {
    ...(weight !== undefined && weight !== 0 && { blkio_weight: weight }),
    ...(weight_device !== undefined && { blkio_weight_device: weight_device }),
    ...(device_read_bps !== undefined && { device_read_bps }),
    ...(device_write_bps !== undefined && { device_write_bps }),
    ...(reads !== undefined && { device_read_iops: reads }),
    ...(writes !== undefined && { device_write_iops: writes }),
  };
}

export function gpus(given: Given<'gpus'>): Fields {
  if (given === 'all') return { gpus: 'all' };
  return {
    gpus: given.map(({ driver, count, device_ids, capabilities, options }) => ({
      ...(driver !== undefined && { driver }),
      ...(count !== undefined && { count }),
      ...(device_ids !== undefined && { device_ids: [...device_ids] }),
      ...(capabilities !== undefined && { capabilities: [...capabilities] }),
      ...(options !== undefined && {
        options: Object.fromEntries(Object.entries(options).map(([key, value]) => [key, value ?? ''])),
      }),
    })),
  };
}

const FAILURE = { pause: 'pause', continue: 'continue', rollback: 'rollback' } as const;

export function deploy(given: Given<'deploy'>, taking: Taking): Fields {
  const { say } = taking;
  for (const key of ['labels', 'placement', 'endpoint_mode'] as const)
    if (given[key] !== undefined) say(`deploy.${key}`, 'means something in a Swarm only', { level: 'note' });
  if (given.rollback_config !== undefined)
    say('deploy.rollback_config', 'is not taken: a rollback goes as the update went', { level: 'warning' });
  if (given.mode !== undefined && given.mode !== 'replicated')
    say('deploy.mode', `\`${given.mode}\` is not taken`, { instead: '`replicated`, with `replicas`' });
  const { limits, reservations } = given.resources ?? {};
  if (reservations?.cpus !== undefined)
    say('deploy.resources.reservations.cpus', 'means something in a Swarm only', {
      level: 'note',
      instead: '`cpu_shares` weighs containers',
    });
  if (reservations?.generic_resources !== undefined)
    say('deploy.resources.reservations.generic_resources', 'means something in a Swarm only', {
      level: 'note',
    });
  return {
    ...(given.replicas !== undefined && { replicas: given.replicas }),
    ...(limits?.cpus !== undefined && limits.cpus !== 0 && { cpu_limit: limits.cpus }),
    ...(limits?.memory !== undefined && size('memory_limit', limits.memory)),
    ...(limits?.pids !== undefined && limits.pids !== 0 && { pids_limit: limits.pids }),
    ...(reservations?.memory !== undefined && size('memory_reservation', reservations.memory)),
    ...(reservations?.devices !== undefined && gpus(reservations.devices)),
    ...(given.restart_policy !== undefined && restarts(given.restart_policy, taking)),
    ...(given.update_config !== undefined && updates(given.update_config)),
  };
}

function restarts(given: NonNullable<Given<'deploy'>['restart_policy']>, { say }: Taking): Fields {
  const { condition = 'any', max_attempts, delay, window } = given;
  if (delay !== undefined || window !== undefined)
    say('deploy.restart_policy', '`delay` and `window` mean something in a Swarm only', { level: 'note' });
  switch (condition) {
    case 'none':
      return { restart_policy: 'no' };
    case 'any':
      return { restart_policy: 'always' };
    case 'unless-stopped':
      return { restart_policy: 'unless-stopped' };
    case 'on-failure':
      return { restart_policy: max_attempts ? `on-failure:${max_attempts}` : 'on-failure' };
  }
}

function updates(given: NonNullable<Given<'deploy'>['update_config']>): Fields {
  const { parallelism, delay, monitor, max_failure_ratio, failure_action = 'pause', order } = given;
  return {
    update_config: {
      ...(order !== undefined && { order: order === 'start-first' ? 'start_first' : 'stop_first' }),
      ...(parallelism !== undefined && { parallelism }),
      ...(delay !== undefined && { delay }),
      ...(monitor !== undefined && { monitor }),
      ...(max_failure_ratio !== undefined && { max_failure_ratio }),
      failure_action: FAILURE[failure_action],
    },
  };
}
