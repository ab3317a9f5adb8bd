import { setTimeout as pause } from 'node:timers/promises';
import type { NetworkInspectInfo } from 'dockerode';
import { ContractError, isContractError } from '../../../contracts/contract-error.ts';
import { compareTimes } from '../../plan/compare-times.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';

/** Two that made a network at once agree within so many milliseconds on which of the two stays. */
const AGREED_MS = 10_000;
const LOOK_MS = 50;

/**
 * See that a network just made is the only one of its name: older engines make two when they are asked at once, and then
 * take neither by name. The older one stays; whoever made a younger one removes it. Throws name_conflict when ours went.
 */
export async function beTheOnlyNetwork(
  api: Api,
  name: string,
  id: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const doing = `create network ${name}`;
  for (const end = performance.now() + AGREED_MS; ; await pause(LOOK_MS, undefined, { signal })) {
    const answer = await api.ask(
      { method: 'GET', path: '/networks', query: { filters: JSON.stringify({ name: [name] }) } },
      { doing, signal },
    );
    const all = bodyOf<NetworkInspectInfo[]>(answer)
      .filter(({ Name }) => Name === name)
      .toSorted((a, b) => compareTimes(a.Created, b.Created) || (a.Id < b.Id ? -1 : 1));
    if (all.length <= 1 && all[0]?.Id === id) return;
    if (all[0]?.Id !== id) break;
    if (performance.now() > end)
      throw new ContractError(
        'engine_failed',
        `${doing}: the engine has ${all.length} networks of that name`,
      );
  }
  await api.ask(
    { method: 'DELETE', path: `/networks/${id}`, again: true },
    { doing, deadline: DEADLINE.mutate, fine: [404], signal },
  );
  throw new ContractError('name_conflict', `a network ${name} is there already`);
}

/** Look again while two that made a network at once have not agreed yet on which stays. Throws what `look` throws. */
export async function onceAgreed<T>(look: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (const end = performance.now() + AGREED_MS; ; await pause(LOOK_MS, undefined, { signal })) {
    try {
      return await look();
    } catch (error) {
      const isAmbiguous = isContractError(error) && /network \S+ is ambiguous/.test(error.message);
      if (!isAmbiguous || performance.now() > end) throw error;
    }
  }
}
