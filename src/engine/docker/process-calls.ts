import { ContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { EngineState } from '../../plan/observed.ts';
import type { ContainerCalls } from '../port/container-calls.ts';
import { type Api, bodyOf, DEADLINE } from './api.ts';
import { type ContainerQueries, containerPath } from './container-queries.ts';
import { untilEngineFails } from './until-engine-fails.ts';

type ProcessCalls = Pick<ContainerCalls, 'kill' | 'pause' | 'unpause' | 'wait'>;

/** What acts on, or waits for, the processes of a container as they are. */
export function processCalls(api: Api, queries: ContainerQueries): ProcessCalls {
  return {
    kill: async (ref, unix_signal, signal) => {
      const path = containerPath(await queries.existing(ref, signal), '/kill');
      // Not asked twice: a signal counts each time.
      await api.ask(
        { method: 'POST', path, query: { signal: unix_signal } },
        { doing: `kill ${ref}`, deadline: DEADLINE.mutate, signal },
      );
    },
    pause: freeze(api, queries, 'pause', 'paused'),
    unpause: freeze(api, queries, 'unpause', 'running'),
    wait: async (ref, signal) => {
      const path = containerPath(await queries.existing(ref, signal), '/wait');
      return await untilEngineFails(api, signal, async (all) => {
        const answer = await api.ask(
          { method: 'POST', path, query: { condition: 'not-running' }, again: true },
          { doing: `wait for ${ref}`, deadline: DEADLINE.longest, signal: all },
        );
        return { exit_code: bodyOf<{ StatusCode: number }>(answer).StatusCode };
      });
    },
  };
}

const OTHER = { paused: 'running', running: 'paused' } as const satisfies Partial<
  Record<EngineState, EngineState>
>;
const STATE_CODES: ReadonlySet<ErrorCode> = new Set(['wrong_state', 'engine_failed', 'engine_refused']);

/** What the engine refuses is done all the same when the container is in that state already. */
function freeze(
  api: Api,
  { existing, inspect }: ContainerQueries,
  verb: 'pause' | 'unpause',
  wanted: keyof typeof OTHER,
): ContainerCalls['pause'] {
  return async (ref, signal) => {
    const target = await existing(ref, signal);
    try {
      await api.ask(
        { method: 'POST', path: containerPath(target, `/${verb}`) },
        { doing: `${verb} ${ref}`, deadline: DEADLINE.mutate, signal },
      );
    } catch (error) {
      // Engines answer 409 or 500 for one and the same: the state it is in tells what was wrong.
      if (!(error instanceof ContractError) || !STATE_CODES.has(error.code)) throw error;
      const state = (await inspect(target, signal))?.state;
      if (state === wanted) return;
      if (state === OTHER[wanted]) throw error;
      throw new ContractError('wrong_state', `${ref} is ${state ?? 'gone'}, so there is nothing to ${verb}`, {
        cause: error,
      });
    }
  };
}
