import { ContractError } from '../../../contracts/contract-error.ts';
import { timestamp } from '../../runtime/clock.ts';

const UNIT: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
  ...{ d: 86_400_000, w: 7 * 86_400_000 },
};
/** The last moment of a year that has four digits. */
const LATEST = Date.UTC(9999, 11, 31);

/** A moment as RFC 3339 with nanoseconds: a date, seconds since 1970, or how long ago. Throws invalid_input that names the field. */
export function momentOf(value: string | number, now: number, field: string): string {
  const text = String(value);
  const millis = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : (ago(text, now) ?? dateOf(text));
  if (millis === undefined || !(millis >= 0 && millis <= LATEST))
    throw new ContractError('invalid_input', `\`${text}\` is no time`, {
      problems: [{ path: field, message: 'RFC 3339, seconds since 1970, or how long ago like 10m' }],
    });
  const nanos = /\.(\d{1,9})/.exec(text)?.[1];
  if (nanos === undefined || /[a-z]/.test(text)) return timestamp(Math.floor(millis));
  return `${timestamp(Math.floor(millis)).slice(0, 19)}.${nanos.padEnd(9, '0')}Z`;
}

/** `1h30m` before now. */
function ago(text: string, now: number): number | undefined {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  return parts.reduce((left, [, count, unit]) => left - Number(count) * (UNIT[unit ?? 's'] ?? 0), now);
}

function dateOf(text: string): number | undefined {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(text) : undefined;
}
