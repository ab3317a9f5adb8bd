import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import type { Status } from '../../../contracts/events.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from './parts.ts';
import { engineIdOf, presentRow } from './present-row.ts';
import { untilRow } from './until-row.ts';

type Methods = Pick<Handlers<typeof containers>, 'kill' | 'pause' | 'unpause'>;

/** A worker has seen by then what was done; a caller who asks next is told so. */
const SEEN_MS = 2000;

/** Done on the engine at once; nothing else is wanted of the container than before. */
export function acting(parts: ContainerParts): Methods {
  const { engine } = parts;
  return {
    kill: async ({ id: ref, signal: unix_signal = 'SIGKILL' }, { signal }) => {
      const row = await presentRow(ref, parts, signal);
      await engine.containers.kill(await engineIdOf(row, parts, signal), String(unix_signal), signal);
      const { id, status } = parts.store.containers.get(row.id) ?? row;
      lookAgain(row, parts);
      return { id, status };
    },
    pause: async ({ id }, { signal }) => {
      const row = await presentRow(id, parts, signal);
      await engine.containers.pause(await engineIdOf(row, parts, signal), signal);
      return await shown(row, 'paused', parts, signal);
    },
    unpause: async ({ id }, { signal }) => {
      const row = await presentRow(id, parts, signal);
      await engine.containers.unpause(await engineIdOf(row, parts, signal), signal);
      return await shown(row, 'running', parts, signal);
    },
  };
}

function lookAgain({ id }: ContainerRow, { store, clock, poke }: ContainerParts): void {
  store.containers.touch([id], clock.now());
  poke();
}

/** What the engine made of it is so, whether or not our row says so in time. */
async function shown(
  row: ContainerRow,
  status: Status,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<{ id: string; status: Status }> {
  const answer = { id: row.id, status };
  lookAgain(row, parts);
  if (!parts.attended()) return answer;
  const late = AbortSignal.timeout(SEEN_MS);
  try {
    await untilRow(
      row.id,
      (now) => now === undefined || now.status === status,
      parts,
      AbortSignal.any([signal, late]),
    );
  } catch (error) {
    if (!late.aborted) throw error;
  }
  return answer;
}
