import { z } from 'zod';
import { defineContract } from './contract.ts';

/** `userspace.docker:system` */
export const system = defineContract({
  id: 'userspace.docker:system',
  description: 'Ask after the engine itself.',
  methods: {
    ping: {
      description: 'A round trip to the engine. An engine that does not answer is a result, not an error.',
      input: z.strictObject({}),
      output: z.object({
        healthy: z.boolean(),
        message: z.string().describe('`OK`, or why not.'),
        latency_ms: z.number().min(0),
        checked_at: z.string().describe('RFC 3339, when the round trip ended.'),
      }),
      errors: [],
      idempotent: true,
    },
    version: {
      description: 'Which engine answers, and the API version spoken with it.',
      input: z.strictObject({}),
      output: z.object({
        engine: z.string(),
        api: z.string(),
        os: z.string(),
        architecture: z.string(),
      }),
      errors: ['engine_unreachable', 'engine_denied', 'engine_version', 'engine_timeout'],
      idempotent: true,
    },
  },
});
