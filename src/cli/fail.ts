import { CommanderError } from 'commander';
import { ContractError } from '../../contracts/contract-error.ts';
import { ERRORS } from '../../contracts/errors.ts';
import type { Io } from './io.ts';
import { printable } from './printable.ts';

/** Say on one line what went wrong and what to do next; answers the exit code of the error table. */
export function fail(error: unknown, io: Io, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const known =
    error instanceof ContractError
      ? error
      : new ContractError('internal', error instanceof Error ? error.message : String(error), {
          cause: error,
        });
  if (json) {
    io.err(`${JSON.stringify({ error: known.toWire() })}\n`);
  } else {
    io.err(`berth: ${oneLine(known.message)}. ${known.next}\n`);
    for (const { path, message } of known.problems ?? [])
      io.err(`  ${path === '' ? '(input)' : path}: ${oneLine(message)}\n`);
  }
  return ERRORS[known.code].exit;
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, '; ')).replace(/[.\s]+$/, '');
}
