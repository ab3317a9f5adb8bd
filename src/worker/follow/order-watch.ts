import type { LogFrame } from '../../engine/port/container-calls.ts';
import { aSecondBefore } from './cursor.ts';

/** Notices in one reading of a log that its writer’s clock was set back. */
export interface OrderWatch {
  /** True when this frame stands behind one that is later than any delay of the engine could make it. */
  isBack(frame: Pick<LogFrame, 'stream' | 'ts'>): boolean;
}

/** Within a stream times never fall; between the streams by less than a second. Further pieces of a line keep the time of its first. */
export function orderWatch(): OrderWatch {
  const last: { stdout?: string; stderr?: string } = {};
  let newest = '';
  return {
    isBack: ({ stream, ts }) => {
      const before = last[stream];
      if (ts === before) return false;
      last[stream] = ts;
      if (ts >= newest) {
        newest = ts;
        return false;
      }
      return (before !== undefined && ts < before) || ts < aSecondBefore(newest);
    },
  };
}
