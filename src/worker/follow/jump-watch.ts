import type { LogFrame } from '../../engine/port/container-calls.ts';

/** A file of a log that rotates takes its writer longer than that. */
const SUSPICIOUS_MS = 250;
/** A time to its tenth of a second. */
const TENTH = 'yyyy-mm-ddThh:mm:ss.f'.length;

/**
 * Notices where a log that is followed may have left something out. An engine whose reader is behind by more than the file that is
 * written now goes on with the next one that is there, and says nothing: times then go on faster than time does.
 */
export interface JumpWatch {
  /** Frames that came at once came now, by a monotonic clock. */
  received(now_ms: number): void;
  /** True when it stands behind one that is too long before it. Then whoever reads must look whether anything was between them. */
  isJump(frame: Pick<LogFrame, 'ts'>): boolean;
}

/** What was in the log when it was opened is read whole: no frame up to `trusted_until` is a jump. */
export function jumpWatch(trusted_until: string | undefined): JumpWatch {
  let now = 0;
  let before: { readonly ts: string; readonly at: number } | undefined;
  return {
    received: (now_ms) => {
      now = now_ms;
    },
    isJump: ({ ts }) => {
      const last = before;
      if (last !== undefined && ts <= last.ts) return false;
      before = { ts, at: now };
      if (last === undefined || ts.startsWith(last.ts.slice(0, TENTH))) return false;
      if (trusted_until !== undefined && ts <= trusted_until) return false;
      return Date.parse(ts) - Date.parse(last.ts) - (now - last.at) > SUSPICIOUS_MS;
    },
  };
}
