import { z } from 'zod';

/** A point in time, as people and programs write it. */
export const moment = z
  .union([
    z.iso.datetime({ offset: true, local: true }),
    z.string().regex(/^\d+(\.\d+)?$/),
    z.string().regex(/^(\d+(ms|s|m|h|d|w))+$/),
    z.number().min(0),
  ])
  .describe('RFC 3339, seconds since 1970, or how long ago (`10m`).');
