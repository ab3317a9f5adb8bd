import { containers } from '../../contracts/containers.ts';
import type { CallOptions, Client, Contract } from '../../contracts/contract.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import { groups } from '../../contracts/groups.ts';
import { images } from '../../contracts/images.ts';
import { networks } from '../../contracts/networks.ts';
import { system } from '../../contracts/system.ts';
import { volumes } from '../../contracts/volumes.ts';

/** The built-in contracts by what `open` takes. */
export const CONTRACTS = {
  'userspace.docker:containers': containers,
  'userspace.docker:images': images,
  'userspace.docker:networks': networks,
  'userspace.docker:volumes': volumes,
  'userspace.docker:groups': groups,
  'userspace.docker:system': system,
} as const;
export type ContractId = keyof typeof CONTRACTS;

/** How a call reaches the door: in this process, or over a socket. */
export type Carry = (
  request: { readonly contract_id: string; readonly method: string; readonly input: unknown },
  options: CallOptions,
) => Promise<unknown>;

export interface Opener {
  /** By the contract itself, its id, or its binding’s id. Throws unknown_method. */
  open<C extends Contract>(contract: C): Client<C>;
  open<I extends ContractId>(id: I | `${I}_binding`): Client<(typeof CONTRACTS)[I]>;
}

export function opener(carry: Carry): Opener {
  return {
    open: (given: Contract | string): never => {
      const contract = typeof given === 'string' ? byId(given) : given;
      const methods = Object.keys(contract.methods).map(
        (method) =>
          [
            method,
            (input: unknown, options: CallOptions = {}) =>
              carry({ contract_id: contract.id, method, input }, options),
          ] as const,
      );
      return Object.freeze(Object.fromEntries(methods)) as never;
    },
  };
}

function byId(id: string): Contract {
  const wanted = id.replace(/_binding$/, '');
  const contract = Object.values(CONTRACTS).find((one) => one.id === wanted);
  if (contract === undefined)
    throw new ContractError(
      'unknown_method',
      `there is no contract ${id} (contracts: ${Object.keys(CONTRACTS).join(', ')})`,
    );
  return contract;
}
