import { ContractError } from '../../../contracts/contract-error.ts';
import type { SessionCalls } from '../port/session-calls.ts';
import { pathSegment } from '../references.ts';
import { cannot, running } from './process-calls.ts';
import { theContainer, type World } from './world.ts';

/** Nothing runs here that could be talked with: what a real engine refuses is refused, the rest is unsupported. */
export function sessionCalls(world: World): SessionCalls {
  const nobody = (exec_id: string): never => {
    throw new ContractError('not_found', `no exec ${pathSegment(exec_id)} on the engine`);
  };
  return {
    prepare: async (ref) => {
      running(world, ref, 'exec in');
      throw cannot('run a command in one');
    },
    run: async (exec_id) => nobody(exec_id),
    runDetached: async (exec_id) => nobody(exec_id),
    state: async (exec_id) => {
      pathSegment(exec_id);
      return undefined;
    },
    endExec: async (ref) => {
      pathSegment(ref);
      return true;
    },
    resizeExec: async (exec_id) => nobody(exec_id),
    attach: async (ref) => {
      theContainer(world, pathSegment(ref));
      throw cannot('be talked with');
    },
    resize: async (ref) => {
      running(world, ref, 'resize');
      throw cannot('have a terminal');
    },
  };
}
