import { type Command, Option } from 'commander';
import { z } from 'zod';
import { containerFields } from '../../../contracts/container-spec.ts';
import { collected } from '../pairs.ts';
import type { Draft, Flag } from './flag.ts';
import { CONTAINER_FLAGS } from './flags.ts';
import { readNetworks } from './read-networks.ts';

interface NetworkOptions {
  readonly name?: string;
  readonly network?: readonly string[];
  readonly networkAlias?: readonly string[];
  readonly ip?: string;
  readonly ip6?: string;
  readonly linkLocalIp?: readonly string[];
}

/** The flags that say what a container should be, with the contract’s own words for help. */
export function addContainerFlags(command: Command): Command {
  command
    .option('--name <name>', 'its name; left out: made from its id')
    .option(
      '--network <network>',
      'the network to join, made if missing; bridge, host, none, container:NAME',
      collected,
    )
    .option('--network-alias <name>', 'a further name on its first network', collected)
    .option('--ip <address>', 'its IPv4 address on its first network')
    .option('--ip6 <address>', 'its IPv6 address on its first network')
    .option('--link-local-ip <address>', 'a further address that leads nowhere else', collected);
  return addFlags(command, CONTAINER_FLAGS);
}

/** Flags of a list, with the contract’s own words for help. */
export function addFlags(command: Command, list: readonly Flag[]): Command {
  for (const { flags, about, many } of list) {
    const option = new Option(flags, typeof about === 'string' ? meaningOf(about) : lower(about.text));
    command.addOption(many ? option.argParser(collected) : option);
  }
  return command;
}

/** The container that the flags, the image and the words after it describe. Throws invalid_input. */
export function draftOf(
  image: string,
  words: readonly string[],
  options: Readonly<Record<string, unknown>> & NetworkOptions,
): Draft {
  const { name, network = [], networkAlias = [], ip, ip6, linkLocalIp = [] } = options;
  const first: Draft = {
    image,
    ...(words.length > 0 && { args: [...words] }),
    ...(name !== undefined && { name }),
    ...readNetworks({ networks: network, aliases: networkAlias, ip, ip6, link_local: linkLocalIp }),
  };
  return valuesOf(first, CONTAINER_FLAGS, options);
}

/** What the flags of a list that were given make of a draft. Throws invalid_input. */
export function valuesOf(
  first: Draft,
  list: readonly Flag[],
  options: Readonly<Record<string, unknown>>,
): Draft {
  return list.reduce((draft, { flags, put }) => {
    const option = new Option(flags);
    const value = options[option.attributeName()];
    // `--init` and `--no-init` are one option with two values, and the other way round is what is left out.
    const isSaid = option.negate ? value === false : value !== undefined && value !== false;
    if (!isSaid) return draft;
    return put(draft, Array.isArray(value) ? value.map(String) : [String(value)]);
  }, first);
}

let meanings: Readonly<Record<string, { readonly description?: string }>> | undefined;

function meaningOf(field: keyof Draft): string {
  const schema = (): z.core.JSONSchema.BaseSchema =>
    z.toJSONSchema(z.strictObject(containerFields), { io: 'input', unrepresentable: 'any' });
  meanings ??= (schema().properties ?? {}) as NonNullable<typeof meanings>;
  return lower(meanings[field]?.description ?? '');
}

/** As commander’s own help is written. */
function lower(text: string): string {
  return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}
