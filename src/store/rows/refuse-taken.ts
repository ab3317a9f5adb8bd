import { ContractError } from '../../../contracts/contract-error.ts';
import type { Connection } from '../connection.ts';

/** Throws name_conflict (details: id) when a row that is not removed, other than that one, has the name. For use within a transaction. */
export function takenNames({ db }: Connection): (name: string, id: string) => void {
  const holderOf = db.prepare<[string, string], { readonly id: string }>(
    'SELECT id FROM containers WHERE name = ? AND id <> ? AND removed_at IS NULL',
  );
  return (name, id) => {
    const holder = holderOf.get(name, id);
    if (holder !== undefined)
      throw new ContractError('name_conflict', `the name ${name} is taken by ${holder.id}`, {
        details: { id: holder.id, name },
      });
  };
}
