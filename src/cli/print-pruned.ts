import { ERRORS } from '../../contracts/errors.ts';
import type { Failure } from '../../contracts/listing.ts';
import type { Exit } from './each-container.ts';
import type { Io } from './io.ts';
import { printable } from './printable.ts';

/** What a prune removed, a name a line, and what it could not. */
export function printPruned(
  answer: { readonly removed: readonly { readonly name: string }[]; readonly failed: readonly Failure[] },
  { json }: { readonly json?: true },
  io: Io,
  exit: Exit,
): void {
  if (json) io.out(`${JSON.stringify(answer)}\n`);
  else {
    for (const { name } of answer.removed) io.out(`${printable(name)}\n`);
    for (const { name, message } of answer.failed)
      io.err(`berth: ${printable(name)}: ${printable(message)}\n`);
  }
  const [first] = answer.failed;
  if (first !== undefined) exit(ERRORS[first.code].exit);
}
