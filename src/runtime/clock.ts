/** Time, handed in, so that what depends on it can be told. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds that only go forward. */
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Milliseconds since 1970 as RFC 3339 with nine digits, as the engine’s own times. */
export function timestamp(millis: number): string {
  return new Date(millis).toISOString().replace('Z', '000000Z');
}
