import { isUtf8 } from 'node:buffer';
import type { NewEvent } from '../../store/journal.ts';
import type { Line } from './line-assembler.ts';

/** A line as an event: text, and its bytes only when they are not UTF-8. */
export function logEvent({ stream, ts, data, truncated }: Line, attempt: number): NewEvent {
  return {
    type: 'log',
    stream,
    attempt,
    ts,
    line: data.toString('utf8'),
    ...(!isUtf8(data) && { bytes: data.toString('base64') }),
    ...(truncated && { truncated: true as const }),
  };
}
