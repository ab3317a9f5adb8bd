import { resolve } from 'node:path';
import { type Alarm, alarm } from './alarm.ts';
import { type FileEvents, fileEvents } from './file-events.ts';
import { differing, type Fingerprint, fingerprint } from './fingerprint.ts';

export interface WatchRequest {
  readonly roots: readonly string[];
  /**
   * Reads the registry and acts on it: at once, after every change, and every few seconds. Never twice at a time. `unsettled`
   * are files that are still being written; it is called again soon after. True asks to be called again soon.
   */
  readonly rescan: (unsettled: ReadonlySet<string>) => Promise<boolean>;
  /** What went wrong with the watching or the rescan; it goes on all the same. */
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
  readonly timing?: Partial<WatchTiming>;
}

/** Milliseconds. */
export interface WatchTiming {
  /** Files count as written when none has changed for so long. */
  readonly settle: number;
  /** After so long those that still change are left out, and the rest is read. */
  readonly patience: number;
  /** Between two rescans when nothing is heard; longer when a look takes long, so that looking stays a small part of the time. */
  readonly fallback: number;
  /** Until a rescan that asked for another. */
  readonly soon: number;
}

const TIMING: WatchTiming = { settle: 150, patience: 2000, fallback: 3000, soon: 500 };
/** With nothing heard, looking takes a twentieth of the time at most; with events without end, a fifth. */
const SHARE = 20;

/**
 * Watches the registry until the signal ends. Level-triggered: events of the file system only say when to look, and are not
 * needed for it to be right. A root may go and come back.
 */
export async function watchRegistry(request: WatchRequest): Promise<void> {
  const timing = { ...TIMING, ...request.timing };
  const roots = request.roots.map((root) => resolve(root));
  const wake = alarm(request.signal);
  let events: FileEvents | undefined;
  let seen: Fingerprint | undefined;
  try {
    while (!request.signal.aborted) {
      const started = performance.now();
      const now = await fingerprint(roots);
      const took = performance.now() - started;
      if (now.roots !== seen?.roots) {
        await events?.close();
        events = await fileEvents(roots, wake.ring, request.onError);
      }
      const changed = seen === undefined || differing(seen, now).size > 0;
      const settled = changed
        ? await settle(roots, now, timing, request.signal)
        : { now, unsettled: new Set<string>() };
      if (request.signal.aborted) break;
      seen = settled.now;
      const again = await rescanned(request, settled.unsettled);
      await pause(wake, request, timing, again || settled.unsettled.size > 0, took);
    }
  } finally {
    await events?.close();
  }
}

/** Looks until nothing has changed for a while, or patience ends: then the files that changed last are unsettled. */
async function settle(
  roots: readonly string[],
  first: Fingerprint,
  { settle: quiet, patience }: WatchTiming,
  signal: AbortSignal,
): Promise<{ readonly now: Fingerprint; readonly unsettled: ReadonlySet<string> }> {
  const end = performance.now() + patience;
  const clock = alarm(signal);
  let before = first;
  for (;;) {
    await clock.wait(quiet);
    const now = await fingerprint(roots);
    const unsettled = differing(before, now);
    if (unsettled.size === 0 || signal.aborted || performance.now() > end) return { now, unsettled };
    before = now;
  }
}

async function rescanned(
  { rescan, onError }: WatchRequest,
  unsettled: ReadonlySet<string>,
): Promise<boolean> {
  try {
    return await rescan(unsettled);
  } catch (error) {
    onError(error);
    return true;
  }
}

async function pause(
  wake: Alarm,
  { signal }: WatchRequest,
  timing: WatchTiming,
  again: boolean,
  took: number,
): Promise<void> {
  await alarm(signal).wait(Math.min(timing.fallback, took * 4));
  await wake.wait(again ? timing.soon : Math.max(timing.fallback, took * SHARE));
}
