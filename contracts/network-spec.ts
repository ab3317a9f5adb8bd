import { z } from 'zod';
import { networkName } from './container-fields/texts.ts';
import { resourceLabels } from './resource-labels.ts';

const options = z.record(
  z.string().min(1).max(256),
  z.union([z.string(), z.number(), z.boolean()]).transform(String),
);
const address = z.union([z.ipv4(), z.ipv6()]);
const subnet = z.union([z.cidrv4(), z.cidrv6()]);

/** One range of addresses of a network. */
export const addressRange = z.strictObject({
  subnet: subnet.describe('Like 10.7.0.0/16.').optional(),
  ip_range: subnet.describe('The part of the subnet that containers get addresses from.').optional(),
  gateway: address.describe('An address of the subnet.').optional(),
  aux_addresses: z
    .record(z.string().min(1), address)
    .describe('Addresses that no container gets, by name.')
    .optional(),
});

/** What a network is made of, its name aside. All of it can be left out. */
export const networkFields = {
  driver: z
    .string()
    .min(1)
    .max(255)
    .describe('Who makes it: bridge (the default), macvlan, ipvlan, overlay, or a plugin.')
    .optional(),
  options: options.describe('Options of the driver, like com.docker.network.driver.mtu.').optional(),
  ipam: z
    .strictObject({
      driver: z.string().min(1).max(255).optional(),
      options: options.optional(),
      config: z.array(addressRange).max(64).optional(),
    })
    .describe('Its addresses. Default: the engine picks a range that is free.')
    .optional(),
  internal: z.boolean().describe('True: it leads nowhere outside.').optional(),
  attachable: z.boolean().describe('Of an overlay: single containers may join it, too.').optional(),
  ipv6: z.boolean().describe('Addresses of IPv6, too.').optional(),
  labels: resourceLabels.optional(),
};

/** A network to make. */
export const networkSpec = z.strictObject({
  name: networkName.describe('Its name on the engine.'),
  ...networkFields,
});
export type NetworkSpec = z.infer<typeof networkSpec>;
export type NetworkSettings = Omit<NetworkSpec, 'name' | 'labels'>;
