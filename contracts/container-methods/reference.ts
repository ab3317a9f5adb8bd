import { z } from 'zod';

/** How a caller names one container. */
export const reference = z
  .string()
  .min(1)
  .max(400)
  .describe('Our id, a unique name, or the beginning of an id.');
