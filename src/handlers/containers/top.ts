import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { engineIdOf } from './present-row.ts';

/** As the engine lists them. */
export function top(parts: ContainerParts): Handlers<typeof containers>['top'] {
  return async ({ id: ref, ps_args = '-ef' }, { signal }) => {
    const found = await findContainer(ref, parts, signal);
    const engine_id = found.kind === 'foreign' ? found.seen.id : await engineIdOf(found.row, parts, signal);
    const { titles, processes } = await parts.engine.containers.top(engine_id, ps_args, signal);
    return {
      id: found.kind === 'foreign' ? found.seen.id : found.row.id,
      titles: [...titles],
      processes: processes.map((words) => [...words]),
    };
  };
}
