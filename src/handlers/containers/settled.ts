import { ContractError } from '../../../contracts/contract-error.ts';
import { errorCode } from '../../../contracts/errors.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from './parts.ts';
import { untilRow } from './until-row.ts';
import { whileEngineAnswers } from './while-engine-answers.ts';

/** Nothing would ever happen to wait for. Throws daemon_not_running. */
export function refuseUnattended({ attended }: ContainerParts): void {
  if (!attended())
    throw new ContractError(
      'daemon_not_running',
      'nobody works on the containers now, so there is nothing to wait for',
    );
}

/** The row once its present generation was brought about, or somebody changed his mind again. Throws why it could not be. */
export async function settled(
  { id, name, generation }: ContainerRow,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<ContainerRow> {
  const row = await whileEngineAnswers(parts, signal, (all) =>
    untilRow(id, (now) => now === undefined || isSettled(now, generation), parts, all),
  );
  if (row === undefined) throw new ContractError('not_found', `${name} went meanwhile`);
  const code = errorCode.safeParse(row.reason?.code);
  if (row.status === 'failed' && code.success)
    throw new ContractError(code.data, row.reason?.message ?? `${name} failed`);
  return row;
}

function isSettled(row: ContainerRow, generation: number): boolean {
  return (
    row.generation > generation ||
    row.applied_generation >= generation ||
    row.status === 'failed' ||
    row.status === 'removed'
  );
}
