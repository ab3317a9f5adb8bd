const FIRST = 1000;
const CAP = 300_000;

/** Milliseconds until the next try after `failures` failed ones in a row (≥ 1): 1 s, doubled each time, 5 min at most; `jitter` in 0…1 adds up to a tenth. */
export function backoff(failures: number, jitter: number): number {
  const delay = Math.min(CAP, FIRST * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(delay * (1 + 0.1 * jitter));
}
