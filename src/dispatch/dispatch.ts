import { z } from 'zod';
import type { Caller, Contract, Handlers, Method } from '../../contracts/contract.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import { COMMON_ERRORS } from '../../contracts/errors.ts';
import { didYouMean } from '../runtime/did-you-mean.ts';
import type { Log } from '../runtime/log.ts';
import { problemsOf } from './problems-of.ts';

export interface Call {
  readonly contract_id: string;
  readonly method: string;
  readonly input: unknown;
  readonly caller: Caller;
  /** The caller’s own `reply_to`. */
  readonly self: string;
  readonly signal: AbortSignal;
}

/** The one door: everybody’s calls go through it, checked on the way in and on the way out. */
export type Dispatch = (call: Call) => Promise<unknown>;

/** A contract and what implements it, tied so that a missing handler does not compile. */
export interface Binding {
  readonly contract: Contract;
  readonly handlers: Readonly<
    Record<string, (input: never, context: Pick<Call, 'caller' | 'self' | 'signal'>) => Promise<unknown>>
  >;
}

export function bind<C extends Contract>(contract: C, handlers: Handlers<C>): Binding {
  return { contract, handlers };
}

/** With `strict`, for tests, an error that its method does not declare is a defect. Throws only ContractError: invalid_input (every bad field), unknown_method, what the method declares, and `internal` (logged here, once). */
export function createDispatch(
  bindings: readonly Binding[],
  log: Log,
  { strict = false }: { readonly strict?: boolean } = {},
): Dispatch {
  const byId = new Map(
    bindings.flatMap((binding) =>
      [binding.contract.id, `${binding.contract.id}_binding`].map((id) => [id, binding] as const),
    ),
  );
  return async ({ contract_id, method: name, input, caller, self, signal }) => {
    const binding = byId.get(contract_id);
    const method =
      binding === undefined || !Object.hasOwn(binding.contract.methods, name)
        ? undefined
        : binding.contract.methods[name];
    const handler = binding?.handlers[name];
    if (method === undefined || handler === undefined)
      throw unknownMethod(contract_id, name, byId.keys(), binding);
    const parsed = parseInput(method, input, `${contract_id} ${name}`);
    if (signal.aborted) throw new ContractError('aborted', `${name} was aborted`);
    try {
      return method.output.parse(await handler(parsed as never, { caller, self, signal }));
    } catch (error) {
      if (error instanceof ContractError) {
        if (strict && ![...method.errors, ...COMMON_ERRORS].includes(error.code)) {
          const defect = `${contract_id} ${name} does not declare ${error.code}`;
          log.error({ error }, defect);
          throw new Error(defect, { cause: error });
        }
        throw error;
      }
      if (signal.aborted) throw new ContractError('aborted', `${name} was aborted`, { cause: error });
      log.error({ contract: contract_id, method: name, error }, 'a handler failed');
      throw new ContractError(
        'internal',
        `${contract_id} ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  };
}

function parseInput(method: Method, input: unknown, what: string): unknown {
  const result = z.safeParse(method.input, input ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(problemsOf);
  throw new ContractError(
    'invalid_input',
    `${what}: ${problems.length === 1 ? 'one field is' : `${problems.length} fields are`} wrong`,
    { problems },
  );
}

function unknownMethod(
  contractId: string,
  method: string,
  known: Iterable<string>,
  binding: Binding | undefined,
): ContractError {
  if (binding === undefined)
    return new ContractError(
      'unknown_method',
      `there is no contract ${contractId}${orElse(
        contractId,
        'contracts',
        [...known].filter((id) => !id.endsWith('_binding')),
      )}`,
    );
  return new ContractError(
    'unknown_method',
    `${contractId} has no method ${method}${orElse(method, 'methods', Object.keys(binding.contract.methods))}`,
  );
}

/** What was meant, when that can be told; else all that there is. */
function orElse(word: string, what: string, known: readonly string[]): string {
  return didYouMean(word, known) || ` (${what}: ${known.join(', ')})`;
}
