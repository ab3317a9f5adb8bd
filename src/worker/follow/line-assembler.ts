import type { LogFrame } from '../../engine/port/container-calls.ts';

/** Longest line kept whole; a longer one becomes several, cut at the same places however often it is read. */
const LONGEST = 1024 * 1024;

export interface Line {
  readonly stream: 'stdout' | 'stderr';
  readonly ts: string;
  readonly data: Buffer;
  /** The line goes on in the next one. */
  readonly truncated: boolean;
}

interface Open {
  readonly ts: string;
  parts: Buffer[];
  size: number;
}

/** Makes lines of frames, each stream for itself: their pieces may come in any mixture. */
export interface LineAssembler {
  push(frame: LogFrame): readonly Line[];
  /** The run is over: a last line without its newline is a line. */
  flush(): readonly Line[];
  /** The time of the line that is not whole yet. */
  openSince(stream: 'stdout' | 'stderr'): string | undefined;
}

export function lineAssembler(): LineAssembler {
  const open: { stdout?: Open | undefined; stderr?: Open | undefined } = {};

  const close = (stream: 'stdout' | 'stderr'): readonly Line[] => {
    const line = open[stream];
    open[stream] = undefined;
    return line === undefined
      ? []
      : [{ stream, ts: line.ts, data: Buffer.concat(line.parts, line.size), truncated: false }];
  };

  return {
    push: (frame) => {
      const { stream, ts, data, ends_line } = frame;
      const lines: Line[] = [];
      // All pieces of a line have one time: another time means that the former line ended without a newline, with its run.
      if (open[stream] !== undefined && open[stream].ts !== ts) lines.push(...close(stream));
      const line = open[stream] ?? { ts, parts: [], size: 0 };
      open[stream] = line;
      let rest = data;
      while (line.size + rest.length > LONGEST) {
        const room = LONGEST - line.size;
        lines.push({
          stream,
          ts,
          data: Buffer.concat([...line.parts, rest.subarray(0, room)]),
          truncated: true,
        });
        rest = rest.subarray(room);
        line.parts = [];
        line.size = 0;
      }
      line.parts.push(rest);
      line.size += rest.length;
      if (ends_line) lines.push(...close(stream));
      return lines;
    },
    flush: () => [...close('stdout'), ...close('stderr')],
    openSince: (stream) => open[stream]?.ts,
  };
}
