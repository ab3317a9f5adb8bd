import type { Command } from 'commander';
import type { Contract } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Context } from '../context.ts';
import { inputFromFlags } from '../flags.ts';
import { type PlaceOptions, withPlace } from '../options.ts';
import { table } from '../table.ts';

/** `berth call CONTRACT METHOD` reaches each method of each contract; without a method, lists them. */
export function addCall(program: Command, { io, deps, signal }: Context): void {
  withPlace(program.command('call'))
    .description('Call a method of a contract. Its fields are flags, or one JSON word.')
    .argument('[contract]', 'like userspace.docker:containers, or `containers`')
    .argument('[method]', 'like create')
    .argument('[input...]', "'{json}', or --field value …")
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  berth call\n  berth call containers create --image redis:7 --name cache --stream.topic my.events\n  berth call userspace.docker:containers get \'{"id": "cache"}\'',
    )
    .action(
      async (
        contractId: string | undefined,
        methodName: string | undefined,
        words: string[],
        options: PlaceOptions,
      ) => {
        const session = await deps.session(options);
        try {
          const contracts = session.contracts();
          const contract = contracts.find(({ id }) => id === contractId || id.split(':')[1] === contractId);
          if (contractId === undefined || (contract !== undefined && methodName === undefined)) {
            io.out(`${listing(contract === undefined ? contracts : [contract])}\n`);
            return;
          }
          const method =
            contract === undefined || !Object.hasOwn(contract.methods, methodName ?? '')
              ? undefined
              : contract.methods[methodName ?? ''];
          if (contract === undefined || method === undefined)
            throw new ContractError(
              'unknown_method',
              `there is no ${contractId} ${methodName ?? ''}`.trimEnd(),
            );
          const input =
            words.length === 1 && words[0]?.trimStart().startsWith('{')
              ? parsed(words[0])
              : inputFromFlags(words, method.input);
          const answer = await session.call(contract.id, methodName ?? '', input, signal);
          io.out(`${JSON.stringify(answer, null, io.terminal ? 2 : 0)}\n`);
        } finally {
          await session.close();
        }
      },
    );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ContractError(
      'invalid_input',
      `the input is not JSON: ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    );
  }
}

function listing(contracts: readonly Contract[]): string {
  return table(
    ['CONTRACT', 'METHOD', 'WHAT IT DOES'],
    contracts.flatMap(({ id, methods }) =>
      Object.entries(methods).map(([name, { description }]) => [id, name, description]),
    ),
  );
}
