import { z } from 'zod';

const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?$/i;
const POWER: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** Bytes, as a number or like `512m`, `1.5g` (powers of 1024). Parsed to whole bytes. */
export const byteSize = z
  .union([z.int().min(1), z.string().regex(SIZE, 'bytes, or a size like 512m or 1.5g')])
  .transform((value) => (typeof value === 'number' ? value : toBytes(value)))
  .pipe(z.int().min(1));

function toBytes(text: string): number {
  const match = SIZE.exec(text);
  return Math.floor(Number(match?.[1] ?? 0) * 1024 ** (POWER[(match?.[2] ?? '').toLowerCase()] ?? 0));
}

const DURATION =
  /^(?=\S)(?:(\d+(?:\.\d+)?)w)?(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/;

/** Seconds, as a number or like `1m30s`, `500ms`, `7d`, `2w`; a year at most. Parsed to seconds. */
export const duration = z
  .union([z.number().min(0), z.string().regex(DURATION, 'seconds, or a time like 1m30s, 500ms or 7d')])
  .transform((value) => (typeof value === 'number' ? value : toSeconds(value)))
  .pipe(
    z
      .number()
      .min(0)
      .max(365 * 86_400),
  );

function toSeconds(text: string): number {
  const [, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0, millis = 0] = DURATION.exec(text) ?? [];
  const whole = (Number(weeks) * 7 + Number(days)) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60;
  return whole + Number(seconds) + Number(millis) / 1000;
}
