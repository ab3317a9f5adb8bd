import type { Publisher } from '../bus/bus.ts';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../engine/labels.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import type { AtAction } from './kill-at.ts';
import type { PullOnce } from './pull-once.ts';

/** What a worker is made of. */
export interface WorkerParts {
  readonly name: string;
  readonly store: Store;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly identity: Identity;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly log: Log;
  readonly pulls: PullOnce;
  /** Told before and after each action on the engine. */
  readonly atAction?: AtAction;
  /** Where what is private to builds is kept; without, it builds nothing. */
  readonly builds_folder?: string;
  /** The engine’s address; left out: it is on this machine. */
  readonly engine_host?: string;
  /** What helpers for probes are made of; left out: busybox. */
  readonly probe_image?: string | undefined;
}
