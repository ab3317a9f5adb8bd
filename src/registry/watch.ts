import { resolve } from 'node:path';
import { type Alarm, alarm } from './alarm.ts';
import { type FileEvents, fileEvents } from './file-events.ts';
import { differing, type Fingerprint, fingerprint } from './fingerprint.ts';

/**
 * Reads the registry and acts on it: called at once, after every change, and every few seconds; never twice at a time while it
 * answers with a promise. `unsettled` are files that are still being written; it is called again soon after. A true answer,
 * or a failure, has it called again soon.
 */
export type OnWake = (unsettled: ReadonlySet<string>) => unknown;

export interface WatchOptions {
  /** What went wrong with the watching or the call; it goes on all the same. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
  readonly timing?: Partial<WatchTiming>;
}

export interface RegistryWatch {
  /** Files, absolute, that what was read names, and that wake like its own: instead of those that were said before. A thousand at most. */
  alsoWatch(files: readonly string[]): void;
  /** Ends it; resolves when the call that runs has ended. */
  close(): Promise<void>;
}

/** Milliseconds. */
export interface WatchTiming {
  /** Files count as written when none has changed for so long. */
  readonly settle: number;
  /** After so long those that still change are left out, and the rest is read. */
  readonly patience: number;
  /** Between two rescans when nothing is heard; longer when a rescan takes long, so that it stays a small part of the time. */
  readonly fallback: number;
  /** Until a rescan that asked for another. */
  readonly soon: number;
}

const TIMING: WatchTiming = { settle: 150, patience: 2000, fallback: 3000, soon: 500 };
/** With nothing heard, looking and rescans take a twentieth of the time at most. */
const SHARE = 20;
const MOST_NAMED = 1000;
const LONGEST = 30_000;

/**
 * Watches the registry until it is closed. Level-triggered: events of the file system only say when to look, and are not
 * needed for it to be right. A root may go and come back.
 */
export function watchRegistry(
  roots: readonly string[],
  onWake: OnWake,
  { onError = warn, timing }: WatchOptions = {},
): RegistryWatch {
  const control = new AbortController();
  const wake = alarm(control.signal);
  const watch: Watch = {
    roots: roots.map((root) => resolve(root)),
    onWake,
    onError,
    signal: control.signal,
    timing: { ...TIMING, ...timing },
    wake,
    named: [],
  };
  const ended = follow(watch).catch(onError);
  return {
    alsoWatch: (files) => {
      const named = [...new Set(files)].sort().slice(0, MOST_NAMED);
      if (named.join('\0') === watch.named.join('\0')) return;
      watch.named = named;
      wake.ring();
    },
    close: () => {
      control.abort();
      return ended;
    },
  };
}

interface Watch {
  readonly roots: readonly string[];
  readonly onWake: OnWake;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
  readonly timing: WatchTiming;
  readonly wake: Alarm;
  named: readonly string[];
}

async function follow(watch: Watch): Promise<void> {
  const { roots, signal, wake } = watch;
  let events: FileEvents | undefined;
  let places: string | undefined;
  let seen: Fingerprint | undefined;
  try {
    while (!signal.aborted) {
      const started = performance.now();
      const { named } = watch;
      const now = await fingerprint(roots, named);
      const looked = performance.now() - started;
      const where = [now.roots, ...named].join('\0');
      if (where !== places) {
        await events?.close();
        events = await fileEvents({ roots, named }, wake.ring, watch.onError);
        places = where;
      }
      const changed = seen === undefined || differing(seen, now).size > 0;
      const settled = changed ? await settle(now, named, watch) : { now, unsettled: new Set<string>() };
      if (signal.aborted) break;
      seen = settled.now;
      const woke = performance.now();
      const again = await woken(watch, settled.unsettled);
      const work = looked + performance.now() - woke;
      await pause(wake, watch, again || settled.unsettled.size > 0, work);
    }
  } finally {
    await events?.close();
  }
}

/** Looks until nothing has changed for a while, or patience ends: then the files that changed last are unsettled. */
async function settle(
  first: Fingerprint,
  named: readonly string[],
  { roots, timing, signal }: Watch,
): Promise<{ readonly now: Fingerprint; readonly unsettled: ReadonlySet<string> }> {
  const end = performance.now() + timing.patience;
  const clock = alarm(signal);
  let before = first;
  for (;;) {
    await clock.wait(timing.settle);
    const now = await fingerprint(roots, named);
    const unsettled = differing(before, now);
    if (unsettled.size === 0 || signal.aborted || performance.now() > end) return { now, unsettled };
    before = now;
  }
}

async function woken({ onWake, onError }: Watch, unsettled: ReadonlySet<string>): Promise<boolean> {
  try {
    return (await onWake(unsettled)) === true;
  } catch (error) {
    onError(error);
    return true;
  }
}

async function pause(wake: Alarm, { signal, timing }: Watch, again: boolean, work: number): Promise<void> {
  await alarm(signal).wait(Math.min(timing.soon, work * 4));
  await wake.wait(again ? timing.soon : Math.max(timing.fallback, Math.min(LONGEST, work * SHARE)));
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
