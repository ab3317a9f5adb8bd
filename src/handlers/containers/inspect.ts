import type { EngineDetails } from '../../../contracts/container-methods/inspection.ts';
import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';
import { viewOfForeign, viewWithProbes } from './view.ts';

/** Our row and the engine’s own view side by side; without an engine the row alone, as stale. */
export function inspect(parts: ContainerParts): Handlers<typeof containers>['inspect'] {
  const { engine } = parts;
  return async ({ id: ref, size = false }, { signal }) => {
    const found = await findContainer(ref, parts, signal);
    if (found.kind === 'foreign') {
      const details = await engine.containers.details(found.seen.id, { size }, signal);
      return { ...viewOfForeign(found.seen), ...(details && { engine: details }) };
    }
    const { row } = found;
    const seen = row.engine_id === null ? undefined : await details(row.engine_id, size, parts, signal);
    const stale = seen === 'unreachable' || (seen === undefined && !(await parts.engineAnswers()));
    return {
      ...viewWithProbes(row, stale),
      desired_state: row.desired_state,
      ...(row.entry_source !== null && { entry_source: row.entry_source }),
      spec: { ...row.spec },
      ...(typeof seen === 'object' && { engine: seen }),
    };
  };
}

async function details(
  engine_id: string,
  size: boolean,
  { engine }: ContainerParts,
  signal: AbortSignal,
): Promise<EngineDetails | 'unreachable' | undefined> {
  try {
    return await engine.containers.details(engine_id, { size }, signal);
  } catch (error) {
    if (
      error instanceof ContractError &&
      (error.code === 'engine_unreachable' || error.code === 'engine_timeout')
    )
      return 'unreachable';
    throw error;
  }
}
