import { ContractError } from '../../../contracts/contract-error.ts';
import { errorCode } from '../../../contracts/errors.ts';
import type { ContainerParts } from './parts.ts';
import { untilRow } from './until-row.ts';
import { whileEngineAnswers } from './while-engine-answers.ts';

/** Tries that may fail before a removal is said to fail; it goes on being tried. */
const FAILURES = 2;

/** Until a row that is wanted removed is. Throws why it resists, and engine_unreachable when nobody can remove it now. */
export async function untilGone(id: string, parts: ContainerParts, signal: AbortSignal): Promise<void> {
  const row = await whileEngineAnswers(parts, signal, (all) =>
    untilRow(
      id,
      (now) => now === undefined || now.status === 'removed' || now.failures >= FAILURES,
      parts,
      all,
    ),
  );
  if (row === undefined || row.status === 'removed') return;
  const code = errorCode.safeParse(row.reason?.code);
  throw new ContractError(
    code.success ? code.data : 'engine_failed',
    row.reason?.message ?? `${row.name} is not removed`,
  );
}
