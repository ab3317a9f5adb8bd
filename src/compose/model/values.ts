import { z } from 'zod';

/** A map without Compose’s `x-…` keys, in which every other key must be known. */
export function known<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.preprocess(withoutExtensions, z.strictObject(shape));
}

function withoutExtensions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key, held]) => !key.startsWith('x-') && held !== null),
  );
}

export const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
export const texts = z.array(text);
export const textMap = z.record(z.string(), text);
/** Null: the value comes from around. */
export const openMap = z.record(z.string(), text.nullable());
export const flag = z.union([
  z.boolean(),
  z
    .string()
    .regex(/^(true|false|yes|no|on|off|y|n|1|0)$/i, 'true or false')
    .transform((word) => /^(true|yes|on|y|1)$/i.test(word)),
]);
export const whole = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/, 'a whole number')
    .transform(Number),
]);
export const decimal = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d*\.?\d+$/, 'a number')
    .transform(Number),
]);
export const size = z.union([z.number(), z.string().min(1)]);

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/g;

/** A time like `1m30s`, as seconds. A number alone is nanoseconds, as Compose has it; nothing but zero is meant by it. */
export const time = z
  .union([z.literal(0), z.string().regex(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+$|^0$/, 'a time like 1m30s')])
  .transform((given) =>
    given === 0
      ? 0
      : Number(
          [...given.matchAll(PART)]
            .reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (UNITS[unit] ?? 1), 0)
            .toFixed(9),
        ),
  );

/** Microseconds: a time, or their number. */
export const micros = z.union([
  z.int(),
  z.string().regex(/^\d+$/).transform(Number),
  time.transform((seconds) => Math.round(seconds * 1e6)),
]);
