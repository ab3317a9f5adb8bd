import type { Command } from 'commander';
import { type ByteStream, isByteStream } from '../../../contracts/byte-stream.ts';
import type { Contract, Method } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { CONTRACTS } from '../../dispatch/client.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { bytesFrom, bytesTo } from '../byte-files.ts';
import type { Context } from '../context.ts';
import { describeFields } from '../describe-fields.ts';
import { inputFromFlags } from '../flags.ts';
import { type PlaceOptions, withJson, withPlace } from '../options.ts';
import { table } from '../table.ts';

const ALL: readonly Contract[] = Object.values(CONTRACTS);

/** `berth call CONTRACT METHOD` reaches each method of each contract; without a method, lists them. */
export function addCall(program: Command, { io, deps, signal }: Context): void {
  withJson(withPlace(program.command('call')))
    .description('Call a method of a contract. Its fields are flags, or one JSON word. The answer is JSON.')
    .argument('[contract]', 'like userspace.docker:containers, or `containers`')
    .argument('[method]', 'like create')
    .argument('[input...]', "'{json}', or --field value …")
    .allowUnknownOption()
    .addHelpText('after', ({ command }) => describeMethod(command.args[0], command.args[1], io.columns))
    .addHelpText(
      'after',
      '\nExamples:\n  berth call\n  berth call containers create --help\n  berth call containers create --image redis:7 --name cache --stream.topic my.events\n  berth call userspace.docker:containers get \'{"id": "cache"}\'',
    )
    .action(async (contractId?: string, name?: string, words: string[] = [], options: PlaceOptions = {}) => {
      const contract = contractOf(contractId);
      if (contractId === undefined || (contract !== undefined && name === undefined)) {
        io.out(`${listing(contract === undefined ? ALL : [contract], options.json === true)}\n`);
        return;
      }
      const method = methodOf(contract, name);
      if (contract === undefined || method === undefined) throw unknown(contractId, contract, name);
      const input =
        words.length === 1 && words[0]?.trimStart().startsWith('{')
          ? parsed(words[0])
          : inputFromFlags(words, method.input);
      const session = await deps.session(options);
      try {
        const given = method.bytes === 'in' ? { ...Object(input), tar: bytesFrom(undefined, io) } : input;
        const answer = await session.call(contract.id, name ?? '', given, signal);
        if (method.bytes === 'out' && isWithBytes(answer)) {
          await bytesTo(undefined, answer.tar, io);
          return;
        }
        io.out(`${JSON.stringify(answer, null, io.terminal && !options.json ? 2 : 0)}\n`);
      } finally {
        await session.close();
      }
    });
}

function isWithBytes(answer: unknown): answer is { readonly tar: ByteStream } {
  return typeof answer === 'object' && answer !== null && 'tar' in answer && isByteStream(answer.tar);
}

function contractOf(given: string | undefined): Contract | undefined {
  return ALL.find(({ id }) => id === given || id.split(':')[1] === given);
}

function methodOf(contract: Contract | undefined, name = ''): Method | undefined {
  return contract !== undefined && Object.hasOwn(contract.methods, name) ? contract.methods[name] : undefined;
}

/** The fields of a method for its help; nothing when no method is named. */
function describeMethod(contractId: string | undefined, name: string | undefined, columns: number): string {
  const method = methodOf(contractOf(contractId), name);
  return method === undefined ? '' : `\n${describeFields(`${contractId} ${name}`, method, columns)}`;
}

function unknown(contractId: string | undefined, contract: Contract | undefined, name = ''): ContractError {
  return contract === undefined
    ? new ContractError(
        'unknown_method',
        `there is no contract ${contractId ?? ''}${didYouMean(
          contractId ?? '',
          ALL.flatMap(({ id }) => [id, id.replace(/^.*:/, '')]),
        )}`,
      )
    : new ContractError(
        'unknown_method',
        `${contract.id} has no method ${name}${didYouMean(name, Object.keys(contract.methods))}`,
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

function listing(contracts: readonly Contract[], json: boolean): string {
  const methods = contracts.flatMap(({ id, methods }) =>
    Object.entries(methods).map(([method, { description }]) => ({ contract: id, method, description })),
  );
  if (json) return JSON.stringify(methods);
  return table(
    ['CONTRACT', 'METHOD', 'WHAT IT DOES'],
    methods.map(({ contract, method, description }) => [contract, method, description]),
  );
}
