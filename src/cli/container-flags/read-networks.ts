import { ContractError } from '../../../contracts/contract-error.ts';
import type { Draft } from './flag.ts';

/** What the flags about networks say together. */
export interface NetworkWords {
  readonly networks: readonly string[];
  readonly aliases: readonly string[];
  readonly ip?: string | undefined;
  readonly ip6?: string | undefined;
  readonly link_local: readonly string[];
}

/** `--network` once or several times; the addresses and aliases are those on the first. Throws invalid_input. */
export function readNetworks(given: NetworkWords): Pick<Draft, 'network' | 'networks' | 'network_mode'> {
  const { networks, aliases, ip, ip6, link_local } = given;
  const [first, ...others] = networks;
  const how = {
    ...(aliases.length > 0 && { aliases: [...aliases] }),
    ...(ip !== undefined && { ipv4_address: ip }),
    ...(ip6 !== undefined && { ipv6_address: ip6 }),
    ...(link_local.length > 0 && { link_local_ips: [...link_local] }),
  };
  const isPlain = Object.keys(how).length === 0;
  if (first === undefined) {
    if (isPlain) return {};
    throw new ContractError('invalid_input', 'aliases and addresses are those on a network', {
      next: 'Say which one with --network.',
    });
  }
  const modes = networks.filter((name) => MODES.has(name) || name.startsWith('container:'));
  if (modes.length > 0) {
    if (others.length > 0 || !isPlain)
      throw new ContractError(
        'invalid_input',
        `the network ${modes[0]} stands alone, without aliases and addresses`,
      );
    return { network_mode: first };
  }
  if (others.length === 0 && isPlain) return { network: first };
  return { networks: { [first]: how, ...Object.fromEntries(others.map((name) => [name, {}])) } };
}

const MODES: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);
