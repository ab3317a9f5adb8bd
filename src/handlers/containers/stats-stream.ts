import { setTimeout as pause } from 'node:timers/promises';
import type { UsageSample } from '../../../contracts/container-methods/stats.ts';
import { isContractError } from '../../../contracts/contract-error.ts';
import type { NewOperationEvent } from '../../store/journal.ts';
import type { Operation } from '../operations.ts';
import type { ContainerParts } from './parts.ts';

/** An engine tells a sample every second; one that is silent for so long is away. */
const SILENCE_MS = 30_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 10_000;

/** Who is measured: our id (or the engine’s, for those of others), and how the engine calls it now. */
export interface Measured {
  readonly id: string;
  readonly name: string;
  /** Looked up anew each time, since a container may be replaced; undefined when it is not there. */
  engineId(): string | undefined;
}

/** Tell samples of one container until the signal ends, over restarts of it and of the engine. A gap is told once, when it begins. */
export async function measure(
  { id, name, engineId }: Measured,
  operation: Operation,
  { engine, operations }: Pick<ContainerParts, 'engine' | 'operations'>,
  signal: AbortSignal,
): Promise<void> {
  let gap: 'not_found' | 'not_running' | undefined;
  const tell = async (
    sample: UsageSample | undefined,
    missing: 'not_found' | 'not_running',
  ): Promise<void> => {
    if (sample === undefined && gap === missing) return;
    gap = sample === undefined ? missing : undefined;
    const event: NewOperationEvent = {
      type: 'stats',
      attempt: 1,
      ts: operations.now(),
      container_id: id,
      name,
      ...(sample === undefined ? { gap: missing } : { sample }),
    };
    await operation.tell([event]);
  };
  let delay = FIRST_DELAY;
  while (!signal.aborted) {
    const target = engineId();
    try {
      if (target === undefined) await tell(undefined, 'not_found');
      else
        for await (const sample of untilSilent(
          (ending) => engine.containers.samples(target, ending),
          signal,
        )) {
          delay = FIRST_DELAY;
          await tell(sample, 'not_running');
        }
    } catch (error) {
      if (signal.aborted) return;
      if (!isContractError(error, 'not_found') && !isAway(error)) throw error;
      await tell(undefined, 'not_found');
    }
    await pause(delay, undefined, { signal }).catch(() => undefined);
    delay = Math.min(LONGEST_DELAY, delay * 2);
  }
}

function isAway(error: unknown): boolean {
  return (
    isContractError(error, 'engine_unreachable') ||
    isContractError(error, 'engine_timeout') ||
    isContractError(error, 'engine_failed')
  );
}

async function* untilSilent<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    for await (const one of open(AbortSignal.any([signal, silence.signal]))) {
      timer.refresh();
      yield one;
    }
  } catch (error) {
    if (!silence.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}
