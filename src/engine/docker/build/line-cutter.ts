/** Longest line kept whole. */
const LONGEST = 1024 * 1024;

/** Makes lines of pieces; `\r\n` ends one too, and of a line that is written over (`\r`) the last state counts. */
export function lineCutter(): {
  readonly push: (piece: Buffer) => readonly Buffer[];
  /** What is left without a newline. */
  readonly flush: () => readonly Buffer[];
} {
  let rest = Buffer.alloc(0);
  return {
    push: (piece) => {
      const lines: Buffer[] = [];
      rest = Buffer.concat([rest, piece]);
      for (let at = rest.indexOf(10); at >= 0 || rest.length > LONGEST; at = rest.indexOf(10)) {
        const end = at < 0 || at > LONGEST ? LONGEST : at;
        lines.push(lastState(rest.subarray(0, end)));
        rest = rest.subarray(end === at ? end + 1 : end);
      }
      return lines;
    },
    flush: () => {
      const line = lastState(rest);
      rest = Buffer.alloc(0);
      return line.length === 0 ? [] : [line];
    },
  };
}

function lastState(line: Buffer): Buffer {
  const whole = line.at(-1) === 13 ? line.subarray(0, -1) : line;
  return whole.subarray(whole.lastIndexOf(13) + 1);
}
