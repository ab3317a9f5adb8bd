import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerParts } from './parts.ts';

const LOOK_MS = 1000;
/** An engine that is started anew is back by then. */
const PATIENCE_MS = 10_000;

/** Wait for something that only a living engine can bring: once it has not answered for a while, throws engine_unreachable. */
export async function whileEngineAnswers<T>(
  { engineAnswers }: Pick<ContainerParts, 'engineAnswers'>,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  let silent_since: number | undefined;
  const look = async (): Promise<void> => {
    if (await engineAnswers()) silent_since = undefined;
    else silent_since ??= performance.now();
    if (silent_since !== undefined && performance.now() - silent_since >= PATIENCE_MS)
      ending.abort(
        new ContractError('engine_unreachable', 'the engine went away while it was being waited for'),
      );
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    return await work(AbortSignal.any([signal, ending.signal]));
  } finally {
    clearInterval(timer);
  }
}
