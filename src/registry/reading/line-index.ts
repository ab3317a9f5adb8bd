/** Where in a file, counted from 1, and how many characters of that line are meant. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The line itself. */
  readonly source: string;
}

/**
 * Finds the place of an offset range in a text. Costs nothing that grows with the line, since a file may be one line with
 * thousands of problems. (The line counter of the YAML library misses lines inside an unclosed quote.)
 */
export function lineIndex(text: string): (range: readonly [number, number]) => Place {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return ([from, to]) => {
    const offset = Math.min(Math.max(0, from), text.length);
    const line = lastAtMost(starts, offset);
    const start = starts[line] ?? 0;
    const next = starts[line + 1];
    const end = next === undefined ? text.length : next - 1;
    const source = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end);
    const column = offset - start + 1;
    return {
      line: line + 1,
      column,
      length: Math.max(1, Math.min(to - offset, source.length - column + 1)),
      source,
    };
  };
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  return low;
}
