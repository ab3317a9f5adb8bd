import { z } from 'zod';
import { networkName } from './container-fields/texts.ts';
import { defineContract } from './contract.ts';
import { failure, oneOrMore } from './listing.ts';
import { networkFields, networkSpec } from './network-spec.ts';
import { wantedLabels } from './resource-labels.ts';

const ref = z.string().min(1).max(255).describe('Its exact name, or the engine’s id.');
const container = z.string().min(1).max(255).describe('Id or name of a container of ours.');

export const networkView = z.object({
  id: z.string().describe('The engine’s id.'),
  name: z.string(),
  driver: z.string(),
  scope: z.string().describe('How far it reaches: local, global or swarm.'),
  internal: z.boolean().describe('True: it leads nowhere outside.'),
  attachable: z.boolean(),
  ipv6: z.boolean(),
  options: z.record(z.string(), z.string()),
  ipam: z.object({
    driver: z.string(),
    options: z.record(z.string(), z.string()),
    config: z.array(
      z.object({
        subnet: z.string().optional(),
        ip_range: z.string().optional(),
        gateway: z.string().optional(),
        aux_addresses: z.record(z.string(), z.string()).optional(),
      }),
    ),
  }),
  created_at: z.string().describe('RFC 3339.').optional(),
  labels: z.record(z.string(), z.string()),
  managed: z.boolean().describe('False: it is not ours, and is only shown.'),
});
export type NetworkView = z.infer<typeof networkView>;

const create = {
  description:
    'Make a network. The same request again is a success; one of that name with other settings, or somebody else’s, is name_conflict. It stays until it is removed.',
  input: networkSpec,
  output: networkView.extend({ created: z.boolean().describe('False: it was there already, as asked.') }),
  errors: ['name_conflict', 'unsupported', 'engine_refused', 'engine_unreachable'],
  idempotent: true,
} as const;

const connect = {
  description: 'Have a container of ours join a network. Already on it, as asked, is a success.',
  input: z.strictObject({
    network: ref,
    container,
    aliases: z.array(networkName).max(64).describe('Further names of it on that network.').optional(),
    ipv4_address: z.ipv4().describe('An address of the network’s own range.').optional(),
    ipv6_address: z.ipv6().describe('An address of the network’s own range.').optional(),
    external: z
      .boolean()
      .describe('True: also a network of somebody else. Default: only one of ours.')
      .optional(),
  }),
  output: z.object({
    network: z.string().describe('Its name.'),
    container_id: z.string().describe('Our id.'),
    connected: z.boolean().describe('False: it was on it already.'),
  }),
  errors: ['not_found', 'not_ours', 'wrong_state', 'engine_refused', 'engine_unreachable'],
  idempotent: true,
} as const;

/** `userspace.docker:networks` */
export const networks = defineContract({
  id: 'userspace.docker:networks',
  description: 'Make, join, show and remove networks of the engine.',
  methods: {
    create,
    list: {
      description: 'The networks of the engine, ours and others.',
      input: z.strictObject({
        labels: wantedLabels.optional(),
        name: oneOrMore(z.string().min(1)).describe('Part of the name; any of them.').optional(),
        id: oneOrMore(z.string().min(1)).describe('Beginning of the engine’s id; any of them.').optional(),
        driver: oneOrMore(networkFields.driver.unwrap()).describe('Any of them.').optional(),
        type: z
          .enum(['custom', 'builtin'])
          .describe('builtin: those that every engine has (bridge, host, none).')
          .optional(),
        dangling: z
          .boolean()
          .describe('True: only those that no running container is on; false: only the others.')
          .optional(),
        managed: z.boolean().describe('True: only ours; false: only those of others.').optional(),
      }),
      output: z.object({ networks: z.array(networkView) }),
      errors: ['engine_unreachable'],
      idempotent: true,
    },
    inspect: {
      description: 'One network, ours or not, and who is on it.',
      input: z.strictObject({ network: ref }),
      output: networkView.extend({
        container_ids: z.array(z.string()).describe('Engine ids of the containers on it now.'),
        members: z.array(
          z.object({
            container_id: z.string().describe('The engine’s id.'),
            name: z.string(),
            ipv4: z.string().describe('With the length of its prefix.').optional(),
            ipv6: z.string().describe('With the length of its prefix.').optional(),
            mac: z.string().optional(),
          }),
        ),
      }),
      errors: ['not_found', 'engine_unreachable'],
      idempotent: true,
    },
    remove: {
      description: 'Remove a network of ours. One that is not there is a success.',
      input: z.strictObject({ network: ref }),
      output: z.object({
        network: z.string(),
        removed: z.boolean().describe('False: it was not there.'),
      }),
      errors: ['not_ours', 'wrong_state', 'engine_unreachable'],
      idempotent: true,
    },
    connect,
    disconnect: {
      description:
        'Have a container of ours leave a network, running or not. What its own spec joins, it cannot leave.',
      input: z.strictObject({
        network: ref,
        container,
        force: z
          .boolean()
          .describe('Also one whose place on it the engine cannot give back in good order. Default: true.')
          .optional(),
      }),
      output: z.object({
        network: z.string(),
        container_id: z.string().describe('Our id.'),
        disconnected: z.boolean().describe('False: it was not on it.'),
      }),
      errors: ['not_found', 'not_ours', 'wrong_state', 'engine_unreachable'],
      idempotent: true,
    },
    prune: {
      description:
        'Remove our networks that nothing uses: no container is on it, no entry declares it and no container of ours joins it by its spec. Goes on past single failures.',
      input: z.strictObject({
        labels: wantedLabels.optional(),
        dry_run: z.boolean().describe('Only say what would go.').optional(),
      }),
      output: z.object({
        removed: z.array(z.object({ id: z.string(), name: z.string() })),
        failed: z.array(failure),
      }),
      errors: ['engine_unreachable'],
      idempotent: true,
    },
  },
});
