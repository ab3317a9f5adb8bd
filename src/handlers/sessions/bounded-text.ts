import { isUtf8 } from 'node:buffer';

const MOST = 8 * 1024 * 1024;
/** A character of UTF-8 has at most so many bytes after its first. */
const MOST_REST = 3;

/** What a stream said, up to 8 MiB of it; the rest is counted and forgotten. */
export interface BoundedText {
  add(data: Buffer): void;
  result(): { readonly text: string; readonly bytes?: string; readonly truncated: boolean };
}

export function boundedText(most: number = MOST): BoundedText {
  const parts: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  return {
    add: (data) => {
      const room = most - kept;
      truncated ||= data.length > room;
      if (room <= 0 || data.length === 0) return;
      const part = data.length > room ? data.subarray(0, room) : data;
      parts.push(part);
      kept += part.length;
    },
    result: () => {
      const whole = Buffer.concat(parts, kept);
      const data = truncated ? withoutHalf(whole) : whole;
      const bytes = isUtf8(data) ? undefined : data.toString('base64');
      return { text: data.toString('utf8'), truncated, ...(bytes !== undefined && { bytes }) };
    },
  };
}

/** A character that was cut in the middle is left out whole. */
function withoutHalf(data: Buffer): Buffer {
  for (let less = 0; less <= MOST_REST; less++) {
    const shorter = data.subarray(0, data.length - less);
    if (isUtf8(shorter)) return shorter;
  }
  return data;
}
