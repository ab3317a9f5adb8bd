import { z } from 'zod';
import { defineContract } from './contract.ts';
import { failure, oneOrMore } from './listing.ts';
import { wantedLabels } from './resource-labels.ts';
import { volumeFields, volumeSpec } from './volume-spec.ts';

const ref = z.string().min(1).max(255).describe('Its name.');

export const volumeView = z.object({
  name: z.string(),
  driver: z.string(),
  scope: z.string().describe('local or global.'),
  options: z.record(z.string(), z.string()),
  mountpoint: z.string().describe('Where the engine keeps it.').optional(),
  created_at: z.string().describe('RFC 3339.').optional(),
  labels: z.record(z.string(), z.string()),
  managed: z.boolean().describe('False: it is not ours, and is only shown.'),
});
export type VolumeView = z.infer<typeof volumeView>;

/** `userspace.docker:volumes` */
export const volumes = defineContract({
  id: 'userspace.docker:volumes',
  description: 'Make, show and remove volumes of the engine.',
  methods: {
    create: {
      description:
        'Make a volume. The same request again is a success; one of that name with other settings, or somebody else’s, is name_conflict. It stays until it is removed.',
      input: volumeSpec,
      output: volumeView.extend({ created: z.boolean().describe('False: it was there already, as asked.') }),
      errors: ['name_conflict', 'unsupported', 'engine_refused', 'engine_unreachable'],
      idempotent: true,
    },
    list: {
      description: 'The volumes of the engine, ours and others.',
      input: z.strictObject({
        labels: wantedLabels.optional(),
        name: oneOrMore(z.string().min(1)).describe('Part of the name; any of them.').optional(),
        driver: oneOrMore(volumeFields.driver.unwrap()).describe('Any of them.').optional(),
        dangling: z
          .boolean()
          .describe('True: only those that no container uses; false: only the others.')
          .optional(),
        managed: z.boolean().describe('True: only ours; false: only those of others.').optional(),
      }),
      output: z.object({ volumes: z.array(volumeView) }),
      errors: ['engine_unreachable'],
      idempotent: true,
    },
    inspect: {
      description: 'One volume, ours or not.',
      input: z.strictObject({ volume: ref }),
      output: volumeView,
      errors: ['not_found', 'engine_unreachable'],
      idempotent: true,
    },
    remove: {
      description: 'Remove a volume of ours and what is in it. One that is not there is a success.',
      input: z.strictObject({ volume: ref }),
      output: z.object({
        volume: z.string(),
        removed: z.boolean().describe('False: it was not there.'),
      }),
      errors: ['not_ours', 'wrong_state', 'engine_unreachable'],
      idempotent: true,
    },
    prune: {
      description:
        'Remove our volumes that nothing uses: no container has it, no entry declares it and no container of ours mounts it by its spec. Those with a name, which hold what somebody wanted to keep, go only with `all`, with what is in them. Goes on past single failures.',
      input: z.strictObject({
        all: z.boolean().describe('Those with a name, too. Default: only unnamed ones.').optional(),
        labels: wantedLabels.optional(),
        dry_run: z.boolean().describe('Only say what would go.').optional(),
      }),
      output: z.object({
        removed: z.array(z.object({ name: z.string() })),
        failed: z.array(failure),
      }),
      errors: ['engine_unreachable'],
      idempotent: true,
    },
  },
});
