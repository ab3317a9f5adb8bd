import { z } from 'zod';

/** How a caller names one container. */
export const reference = z
  .string()
  .min(1)
  .max(400)
  .describe('Our id, a unique name, or the beginning of an id.');

/** How a removal treats the volumes that have no name of their own. */
export const keepVolumes = z
  .boolean()
  .describe('True: its anonymous volumes stay. Named ones always do. Default: false.');
