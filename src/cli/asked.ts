import type { Client, Contract } from '../../contracts/contract.ts';
import type { PlaceOptions } from './options.ts';
import type { Place, Session } from './session.ts';

/** One call, or a few, of one contract, by a session of their own. */
export async function asked<C extends Contract, T>(
  { session: open }: { readonly session: (place: Place) => Promise<Pick<Session, 'open' | 'close'>> },
  place: PlaceOptions,
  contract: C,
  work: (client: Client<C>) => Promise<T>,
): Promise<T> {
  const session = await open(place);
  try {
    return await work(session.open(contract));
  } finally {
    await session.close();
  }
}
