import type { Probe } from '../../../contracts/container-fields/convergence.ts';
import { compareTimes } from '../../plan/compare-times.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import { isOf, stateFor, timeoutOf } from '../../plan/probes/probe-judgement.ts';
import type { ProbeKind } from '../../plan/probes/probe-state.ts';
import { enginePlace, waysTo } from '../../plan/probes/reach.ts';
import { systemTimers } from '../../runtime/timers.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { Follower } from '../follow/follower.ts';
import type { WorkerParts } from '../worker-parts.ts';
import { dialContainer, type Learned, takesConnection } from './dial.ts';
import { gate } from './gate.ts';
import { probeHelpers } from './helpers.ts';
import { type LineWatch, lineWatch } from './line-watch.ts';
import { lookByExec, lookByHttp, type Seen } from './looks.ts';
import { type Prober, startProber } from './prober.ts';

/** Looks under way at once, of all containers of a worker. */
const MOST_LOOKS = 32;
/** Containers in containers’ networks: further than this nobody goes. */
const MOST_SHARES = 5;

export const PROBE_IMAGE = 'busybox';

/** Looks at the containers that a worker follows, by the probes of their rows. */
export interface Probers {
  /** That container runs, and is followed by this worker: it is looked at from now on, if it has probes. */
  watch(row: ContainerRow, container: ObservedContainer, follower: Follower): void;
  /** It does not run, or is not there. */
  unwatch(id: string): Promise<void>;
  stopAll(): Promise<void>;
}

interface Watched {
  readonly prober: Prober;
  readonly follower: Follower;
  readonly engine_id: string;
  readonly of: string;
  /** It may be on other networks now. */
  readonly refresh: (container: ObservedContainer) => void;
  readonly end: () => void;
}

export function probers(parts: WorkerParts & { readonly poke: () => void }): Probers {
  const { name, store, journal, engine, clock, log, poke } = parts;
  const looks = gate(MOST_LOOKS);
  const helpers = probeHelpers({ ...parts, image: parts.probe_image ?? PROBE_IMAGE });
  const place = enginePlace(parts.engine_host);
  const watched = new Map<string, Watched>();

  const end = (id: string): Watched | undefined => {
    const one = watched.get(id);
    watched.delete(id);
    one?.end();
    return one;
  };

  const begin = (row: ContainerRow, container: ObservedContainer, follower: Follower): void => {
    const {
      id,
      spec: { probes = {} },
    } = row;
    const { started_at = '' } = container;
    const run = { engine_id: container.id, started_at };
    const lease = { id, worker: name, token: follower.token };
    const lines = new Map<string, LineWatch>();
    const learned = new Map<number, Learned>();
    let seen = container;
    let network: Promise<ObservedContainer> | undefined;

    const linesOf = (kind: ProbeKind, pattern: string): LineWatch => {
      const known = lines.get(pattern);
      if (known !== undefined) return known;
      const made = lineWatch(pattern, {
        container_id: id,
        started_at,
        follower,
        journal,
        onMatch: () => prober.soon(kind),
        onError: (error) =>
          log.warn({ container: id, error }, 'its former lines could not be read for a probe'),
      });
      lines.set(pattern, made);
      return made;
    };

    const look = async (kind: ProbeKind, probe: Probe, timeout: AbortSignal): Promise<Seen> => {
      if (probe.log !== undefined) return linesOf(kind, probe.log.pattern).look();
      if (probe.exec !== undefined) return lookByExec(probe.exec, engine, container.id, timeout);
      const { port } = probe.http ?? probe.tcp ?? { port: 0 };
      network ??= networkOf(seen, engine, timeout);
      const owner = await network.catch((error: unknown) => {
        network = undefined;
        throw error;
      });
      const memory = learned.get(port) ?? { good: undefined };
      learned.set(port, memory);
      const dialling = {
        ways: waysTo(place, owner, port),
        learned: memory,
        helped: run,
        helpers,
        timeout_ms: timeoutOf(probe),
        signal: timeout,
      };
      if (probe.http !== undefined) return lookByHttp(probe.http, () => dialContainer(dialling), timeout);
      await takesConnection(dialling);
      return { ok: true, output: `it takes connections on port ${port}` };
    };

    const stored = store.containers.get(id)?.probe_state ?? null;
    const prober: Prober = startProber({
      state: stateFor(probes, run, stored, clock.now()),
      probes,
      gate: looks,
      now: clock.now,
      timers: systemTimers,
      random: Math.random,
      log,
      look,
      holds: () => store.containers.follows(lease, clock.now()),
      write: (state, touch) => {
        const isWritten = store.containers.writeProbes(lease, state, { touch, now: clock.now() });
        if (isWritten && touch) poke();
        return isWritten;
      },
    });
    const unlisten = follower.listen({
      run: (at) => {
        if (compareTimes(at, started_at) > 0 && watched.get(id)?.prober === prober) end(id);
      },
      lines: () => undefined,
      over: (at) => {
        if (at === started_at && watched.get(id)?.prober === prober) void unwatch(id);
      },
    });
    watched.set(id, {
      prober,
      follower,
      engine_id: container.id,
      of: JSON.stringify(probes),
      refresh: (now) => {
        if (placeOf(now) === placeOf(seen)) return;
        seen = now;
        network = undefined;
        learned.clear();
      },
      end: () => {
        prober.stop();
        unlisten();
        for (const one of lines.values()) one.stop();
      },
    });
  };

  const unwatch: Probers['unwatch'] = async (id) => {
    const one = end(id);
    if (one !== undefined) await helpers.drop(one.engine_id);
  };

  return {
    watch: (row, container, follower) => {
      const { probes } = row.spec;
      if (probes === undefined || container.state !== 'running') return void unwatch(row.id);
      const known = watched.get(row.id);
      const run = { engine_id: container.id, started_at: container.started_at };
      const isSame = known !== undefined && isOf(known.prober.state, run) && known.follower === follower;
      if (!isSame) {
        const former = end(row.id);
        if (former !== undefined && former.engine_id !== container.id) void helpers.drop(former.engine_id);
        begin(row, container, follower);
        return;
      }
      known.refresh(container);
      if (known.of !== JSON.stringify(probes)) {
        known.prober.adjust(probes);
        watched.set(row.id, { ...known, of: JSON.stringify(probes) });
      }
    },
    unwatch,
    stopAll: async () => {
      await Promise.all([...watched.keys()].map(unwatch));
    },
  };
}

function placeOf({ networks, ports, network_mode }: ObservedContainer): string {
  return JSON.stringify([networks, ports, network_mode]);
}

/** The container whose network it uses: itself, or the one whose network it has joined. */
async function networkOf(
  container: ObservedContainer,
  engine: WorkerParts['engine'],
  signal: AbortSignal,
): Promise<ObservedContainer> {
  let one = container;
  for (let step = 0; step < MOST_SHARES; step++) {
    const joined = /^container:(.+)$/.exec(one.network_mode ?? '')?.[1];
    const next = joined === undefined ? undefined : await engine.containers.inspect(joined, signal);
    if (next === undefined) return one;
    one = next;
  }
  return one;
}
