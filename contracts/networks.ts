import { z } from 'zod';
import { defineContract } from './contract.ts';

const wantedLabels = z
  .record(z.string(), z.string())
  .describe('All of them must match; an empty value matches any.');

export const networkView = z.object({
  id: z.string().describe('The engine’s id.'),
  name: z.string(),
  driver: z.string(),
  internal: z.boolean().describe('True: it leads nowhere outside.'),
  labels: z.record(z.string(), z.string()),
  managed: z.boolean().describe('False: it is not ours, and is only shown.'),
});
export type NetworkView = z.infer<typeof networkView>;

/** `userspace.docker:networks` */
export const networks = defineContract({
  id: 'userspace.docker:networks',
  description: 'Look at the networks of the engine.',
  methods: {
    list: {
      description: 'The networks of the engine, ours and others.',
      input: z.strictObject({ labels: wantedLabels.optional() }),
      output: z.object({ networks: z.array(networkView) }),
      errors: ['engine_unreachable'],
      idempotent: true,
    },
    inspect: {
      description: 'One network, ours or not, and who is on it.',
      input: z.strictObject({
        network: z.string().min(1).max(255).describe('Its exact name, or the engine’s id.'),
      }),
      output: networkView.extend({
        container_ids: z.array(z.string()).describe('Engine ids of the containers on it now.'),
      }),
      errors: ['not_found', 'engine_unreachable'],
      idempotent: true,
    },
  },
});
