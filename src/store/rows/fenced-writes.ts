import { ContractError } from '../../../contracts/contract-error.ts';
import type { Status } from '../../../contracts/events.ts';
import { allowedFrom } from '../../plan/transitions.ts';
import type { Connection } from '../connection.ts';
import type { Claim, Millis, ProgressPatch } from '../container-row.ts';
import type { ContainerStore } from '../store.ts';
import { FRESH } from './fresh-columns.ts';
import { writeColumns } from './row-codec.ts';

const HELD = 'id = @id AND claimed_by = @worker AND claim_token = @token AND claim_expires_at > @now';

/** Writes under a claim. Owner, token and expiry are compared in each statement, so that a lost hold writes nothing. */
export function fencedWrites({
  db,
  prepared,
  run,
}: Connection): Pick<ContainerStore, 'write' | 'release' | 'holds'> {
  const held = db
    .prepare<Record<string, unknown>, string>(`SELECT status FROM containers WHERE ${HELD}`)
    .pluck();

  const write = (
    claim: Claim,
    patch: ProgressPatch,
    now: Millis,
    letGo?: { readonly due_at: Millis | null },
  ): boolean => {
    const columns = writeColumns(patch);
    const statement = prepared(writeText(Object.keys(columns), patch.status, letGo !== undefined));
    const { changes } = statement.run({ ...columns, ...claim, now, due_at: letGo?.due_at ?? null });
    const from = changes === 0 && patch.status !== undefined ? held.get({ ...claim, now }) : undefined;
    if (from !== undefined)
      throw new ContractError('internal', `${claim.id} may not move from ${from} to ${patch.status}`);
    return changes === 1;
  };

  return {
    write: (claim, patch, now) => run(() => write(claim, patch, now)),
    release: (claim, patch, due_at, now) => run(() => write(claim, patch, now, { due_at })),
    holds: (claim, now) => run(() => held.get({ ...claim, now }) !== undefined),
  };
}

/** The UPDATE of a write under a claim, and of the release when `letsGo`. */
function writeText(columns: readonly string[], status: Status | undefined, letsGo: boolean): string {
  const sets = columns.map((column) =>
    Object.hasOwn(FRESH, column)
      ? `${column} = CASE WHEN generation = claim_generation THEN @${column} ELSE ${column} END`
      : `${column} = @${column}`,
  );
  // A touch or a change of mind during the claim leaves the row due.
  if (letsGo)
    sets.push(
      'claimed_by = NULL',
      'claim_expires_at = NULL',
      'due_at = CASE WHEN touched > 0 THEN min(ifnull(due_at, @now), @now) ELSE @due_at END',
    );
  const froms = status === undefined ? [] : allowedFrom(status).map((from) => `'${from}'`);
  const move =
    status === undefined ? '' : `AND (generation <> claim_generation OR status IN (${froms.join(', ')}))`;
  return `UPDATE containers SET ${[...sets, 'updated_at = @now'].join(', ')} WHERE ${HELD} ${move}`;
}
