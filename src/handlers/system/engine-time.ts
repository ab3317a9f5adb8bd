/** A moment as every engine takes it: seconds since 1970 with nine digits after the point. Takes RFC 3339, or such seconds. */
export function engineTime(text: string): string {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  return `${Math.floor(Date.parse(text) / 1000)}.${fraction.padEnd(9, '0')}`;
}

/** Whether the first of two such moments is the later one. */
export function laterTime(one: string, other: string): boolean {
  return Number(one) > Number(other);
}
