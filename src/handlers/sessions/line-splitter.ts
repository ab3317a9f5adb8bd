import { isUtf8 } from 'node:buffer';

const NEWLINE = 0x0a;
const LONGEST = 1024 * 1024;

export interface SplitLine {
  readonly line: string;
  /** Base64, only when it is not UTF-8. */
  readonly bytes?: string;
  /** Longer than 1 MiB: its rest follows as further lines. */
  readonly truncated?: true;
}

/** Output as lines; what has no end yet is held, up to 1 MiB. */
export interface LineSplitter {
  push(data: Buffer): readonly SplitLine[];
  /** The last line, when it has no end. */
  rest(): readonly SplitLine[];
}

export function lineSplitter(): LineSplitter {
  let held: Buffer[] = [];
  let size = 0;
  const take = (last: Buffer, truncated: boolean): SplitLine => {
    const data = Buffer.concat([...held, last]);
    held = [];
    size = 0;
    return {
      line: data.toString('utf8'),
      ...(!isUtf8(data) && { bytes: data.toString('base64') }),
      ...(truncated && { truncated }),
    };
  };
  return {
    push: (data) => {
      const lines: SplitLine[] = [];
      let at = 0;
      while (at < data.length) {
        const room = at + LONGEST - size;
        const newline = data.subarray(at, room).indexOf(NEWLINE);
        if (newline >= 0) {
          lines.push(take(data.subarray(at, at + newline), false));
          at += newline + 1;
        } else if (data.length >= room) {
          lines.push(take(data.subarray(at, room), true));
          at = room;
        } else {
          held.push(Buffer.from(data.subarray(at)));
          size += data.length - at;
          break;
        }
      }
      return lines;
    },
    rest: () => (size === 0 ? [] : [take(Buffer.alloc(0), false)]),
  };
}
