import { ContractError } from '../../../contracts/contract-error.ts';
import { type Api, DEADLINE } from './api.ts';

const EVERY_MS = 5000;

/**
 * The answer to a call that may take for ever; the engine is asked for a sign of life meanwhile, since a frozen one holds its
 * sockets open. Throws what that sign of life throws: engine_unreachable, engine_timeout …
 */
export async function untilEngineFails<T>(
  api: Api,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      await api.transport.call({ method: 'GET', path: '/_ping', again: true }, DEADLINE.query, ending.signal);
      if (!ending.signal.aborted) timer = setTimeout(look, EVERY_MS);
    } catch (error) {
      ending.abort(error);
    }
  };
  timer = setTimeout(look, EVERY_MS);
  try {
    return await work(AbortSignal.any([ending.signal, ...(signal ? [signal] : [])]));
  } finally {
    clearTimeout(timer);
    ending.abort(new ContractError('aborted', 'nobody waits for the engine any more'));
  }
}
