import type { BuildOptions } from '../../port/build-calls.ts';
import type { Asking } from '../../transport/dial.ts';

type Query = NonNullable<Asking['query']>;

/** The parameters of `POST /build`; those that only one builder knows are left to the engine to pass over. */
export function buildQuery(
  options: Omit<BuildOptions, 'context' | 'apart' | 'onProgress' | 'secrets' | 'auth'>,
  session: string | undefined,
): Query {
  const { names, remote, dockerfile, target, platform, memory, shm_size, cpu, builder } = options;
  const json = (value: object | undefined): string | undefined => value && JSON.stringify(value);
  return {
    t: names,
    remote,
    dockerfile,
    target,
    platform,
    memory,
    memswap: options.memory_swap ?? memory,
    shmsize: shm_size,
    cpushares: cpu?.shares,
    cpusetcpus: cpu?.set,
    cpuperiod: cpu?.period,
    cpuquota: cpu?.quota,
    buildargs: json(options.build_args),
    labels: json(options.labels),
    networkmode: options.network,
    extrahosts: options.extra_hosts?.map((entry) => entry.replace('=', ':')),
    cachefrom: json(options.cache_from),
    nocache: flag(options.no_cache),
    pull: flag(options.pull),
    q: flag(options.quiet),
    rm: options.rm === false ? 0 : 1,
    forcerm: flag(options.force_rm),
    version: builder === 'classic' ? '1' : '2',
    session,
  };
}

function flag(value: boolean | undefined): 1 | undefined {
  return value === true ? 1 : undefined;
}
