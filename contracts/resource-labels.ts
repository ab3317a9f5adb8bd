import { z } from 'zod';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Labels of a network or a volume. */
export const resourceLabels = z
  .record(
    z
      .string()
      .min(1)
      .max(512)
      .refine((label) => !label.startsWith('berth.'), 'labels that begin with `berth.` are reserved'),
    text,
  )
  .describe('Labels on it; `berth.` is reserved.');

/** Which labels something must have to be listed. */
export const wantedLabels = z
  .record(z.string(), z.string())
  .describe('All of them must match; an empty value matches any.');
