import { isUtf8 } from 'node:buffer';
import type { BuildProgress } from '../../engine/port/build-calls.ts';
import type { NewOperationEvent } from '../../store/journal.ts';

/** Of how far a download is, so much a second is worth telling. */
const PROGRESS_MS = 500;

/** Makes events of what a builder tells. Of downloads only the latest of each layer, now and then. */
export function buildEvents(
  attempt: number,
  now: () => { readonly ts: string; readonly monotonic: number },
): (progress: readonly BuildProgress[]) => readonly NewOperationEvent[] {
  const waiting = new Map<string, NewOperationEvent>();
  let told = Number.NEGATIVE_INFINITY;
  return (all) => {
    const { ts, monotonic } = now();
    const events: NewOperationEvent[] = [];
    for (const one of all) {
      if (one.type === 'progress') waiting.set(`${one.image} ${one.layer}`, { ...one, attempt, ts });
      else if (one.type === 'step') events.push({ ...one, attempt, ts });
      else {
        const { stream, data } = one;
        const bytes = isUtf8(data) ? {} : { bytes: data.toString('base64') };
        events.push({ type: 'log', attempt, ts, stream, line: data.toString('utf8'), ...bytes });
      }
    }
    if (waiting.size > 0 && monotonic - told >= PROGRESS_MS) {
      events.unshift(...waiting.values());
      waiting.clear();
      told = monotonic;
    }
    return events;
  };
}
