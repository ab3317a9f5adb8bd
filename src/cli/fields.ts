import { printable } from './printable.ts';

/** A record as lines of `name  value`; what is nested as `outer.inner`. */
export function fields(record: object): string {
  const lines = flat(record, '');
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`.trimEnd()).join('\n');
}

function flat(record: object, before: string): readonly (readonly [string, string])[] {
  return Object.entries(record).flatMap(([key, value]: [string, unknown]) => {
    const name = `${before}${key}`;
    if (Array.isArray(value)) return [[name, value.map(textOf).join(', ')] as const];
    if (typeof value === 'object' && value !== null) return flat(value, `${name}.`);
    return [[name, textOf(value)] as const];
  });
}

function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Math.round(value * 10) / 10);
  if (typeof value === 'object' && value !== null) return Object.values(value).map(textOf).join(' ');
  return String(value);
}
