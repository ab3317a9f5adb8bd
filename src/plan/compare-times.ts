/** Order of two times of the engine (RFC 3339 in UTC, nanoseconds without trailing zeros): below, above or at 0. */
export function compareTimes(a: string, b: string): number {
  const [left, right] = [sortable(a), sortable(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortable(time: string): string {
  const [seconds = '', nanos = ''] = time.replace(/Z$/, '').split('.');
  return `${seconds}.${nanos.padEnd(9, '0')}`;
}
