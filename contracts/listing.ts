import { z } from 'zod';
import { errorCode } from './errors.ts';

/** One value, or a list of them. */
export function oneOrMore<T extends z.ZodType>(one: T) {
  return z.union([one, z.array(one).max(256)]).transform((given) => [given].flat() as readonly z.output<T>[]);
}

/** What a call that goes over several things could not do. */
export const failure = z.object({
  name: z.string(),
  code: errorCode,
  message: z.string(),
});
export type Failure = z.infer<typeof failure>;
