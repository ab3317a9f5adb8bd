import type { Hub } from '../bus/hub.ts';
import type { Log } from '../runtime/log.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/store.ts';

const EVERY_MS = 60_000;
/** A connection’s subscriptions outlive it so long, for a receiver that comes back. */
const GONE_MS = 10 * 60_000;

/** What an operation told is kept so long after its end. */
const OPERATION_MS = 24 * 3_600_000;

export interface SweepParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly hub: Pick<Hub, 'isListening'>;
  readonly now: () => number;
  /** Milliseconds that a removed container’s row and log are kept. */
  readonly retention_ms: number;
  /** End the streams of a receiver that is gone, which would go on for ever. */
  readonly stopStreamsOf: (reply_to: string) => void;
  readonly log: Log;
}

/** Forgets what its time is over for: removed containers after their retention, groups without members, subscriptions of connections that are gone. */
export function startSweep(parts: SweepParts): { stop(): void } {
  const missing = new Map<string, number>();
  const timer = setInterval(() => {
    sweep(parts, missing).catch((error: unknown) =>
      parts.log.warn({ error }, 'sweeping failed; tried again in a minute'),
    );
  }, EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** `missing` keeps since when each receiver is gone, from sweep to sweep. */
export async function sweep(
  { store, journal, hub, now, retention_ms, stopStreamsOf, log }: SweepParts,
  missing: Map<string, number>,
): Promise<void> {
  store.groups.forgetEnded(null);
  const purged = store.containers.purge(now() - retention_ms);
  const over = store.operations.purge(now() - Math.min(retention_ms, OPERATION_MS));
  const built = store.builds.purge(now() - retention_ms);
  // What a build told goes with the build itself.
  const forgotten = [...purged, ...over.filter((id) => store.builds.get(id) === undefined), ...built];
  if (forgotten.length > 0) await journal.forget(forgotten);
  const receivers = new Set(
    [...store.subscriptions.all(), ...store.operations.open()].flatMap(({ reply_to }) =>
      reply_to.startsWith('con_') ? reply_to : [],
    ),
  );
  for (const receiver of missing.keys()) if (!receivers.has(receiver)) missing.delete(receiver);
  for (const receiver of receivers) {
    if (hub.isListening(receiver)) missing.delete(receiver);
    else if (!missing.has(receiver)) missing.set(receiver, now());
    else if (now() - (missing.get(receiver) ?? 0) > GONE_MS) {
      store.subscriptions.removeReceiver(receiver);
      stopStreamsOf(receiver);
      missing.delete(receiver);
      log.debug({ receiver }, 'a receiver is gone; its subscriptions are forgotten');
    }
  }
}
