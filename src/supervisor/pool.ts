import { type ChildProcess, fork } from 'node:child_process';
import type { Publisher } from '../bus/bus.ts';
import { receiveNotices } from '../bus/ipc-bus.ts';
import type { Log } from '../runtime/log.ts';
import { systemTimers, type Timers } from '../runtime/timers.ts';
import type { Store } from '../store/store.ts';

const FIRST_DELAY = 200;
const LONGEST_DELAY = 5000;
/** A worker that lived so long did not die of its start. */
const STABLE_MS = 3000;
/** How long a worker may take to let everything go. */
const GRACE_MS = 12_000;

/** Workers, as processes or in this one. */
export interface Pool {
  /** There may be work. */
  poke(): void;
  pids(): readonly number[];
  /** How many processes there should be. */
  readonly wanted: number;
  stop(): Promise<void>;
}

export interface PoolParts {
  readonly count: number;
  readonly main: URL;
  /** What a worker needs to know, as JSON on its command line. */
  readonly settings: object;
  readonly store: Store;
  readonly hub: Publisher;
  readonly log: Log;
  readonly now: () => number;
  /** Default: the system’s. */
  readonly timers?: Timers;
}

interface Slot {
  readonly name: string;
  child: ChildProcess | undefined;
  born: number;
  delay: number;
  callOff: () => void;
}

/** Real processes: one that dies loses its claims at once and is replaced, with a backoff. They end by themselves when this process dies. */
export function startPool({
  count,
  main,
  settings,
  store,
  hub,
  log,
  now,
  timers = systemTimers,
}: PoolParts): Pool {
  let stopping = false;
  const slots: Slot[] = Array.from({ length: count }, (_, index) => ({
    name: `${process.pid}.${index + 1}`,
    child: undefined,
    born: 0,
    delay: FIRST_DELAY,
    callOff: () => undefined,
  }));

  const pokeOthers = (but?: Slot): void => {
    for (const slot of slots)
      if (slot !== but && slot.child?.connected) slot.child.send({ kind: 'poke' }, () => undefined);
  };

  const start = (slot: Slot): void => {
    if (stopping) return;
    slot.born = timers.monotonic();
    const child = fork(main, [JSON.stringify({ ...settings, name: slot.name })], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    slot.child = child;
    child.on('error', (error) => {
      log.warn({ worker: slot.name, error }, 'a worker could not be started, or its channel broke');
      // One that never came to be has no exit.
      if (child.pid === undefined) ended(slot, null, null);
    });
    child.once('exit', (code, signal) => ended(slot, code, signal));
    receiveNotices(child, {
      publish: (notice) => {
        if (notice.kind === 'poke') pokeOthers(slot);
        hub.publish(notice);
      },
    });
  };

  const ended = (slot: Slot, code: number | null, signal: NodeJS.Signals | null): void => {
    slot.child = undefined;
    try {
      const freed = store.containers.free(slot.name, now());
      store.pulls.free(slot.name);
      store.builds.free(slot.name);
      if (!stopping)
        log.warn(
          { worker: slot.name, code, signal, freed: freed.length },
          'a worker ended; another takes its place',
        );
    } catch (error) {
      log.error(
        { worker: slot.name, error },
        'a dead worker’s claims could not be freed; they run out by themselves',
      );
    }
    pokeOthers();
    if (stopping) return;
    slot.delay =
      timers.monotonic() - slot.born > STABLE_MS ? FIRST_DELAY : Math.min(LONGEST_DELAY, slot.delay * 2);
    slot.callOff = timers.after(slot.delay, () => start(slot));
  };

  for (const slot of slots) start(slot);
  return {
    poke: () => pokeOthers(),
    pids: () => slots.flatMap(({ child }) => child?.pid ?? []),
    wanted: count,
    stop: async () => {
      stopping = true;
      await Promise.all(slots.map(stopOne));
    },
  };
}

function stopOne({ child, callOff }: Slot): Promise<void> {
  callOff();
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
