import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type BerthEvent, berthEvent, streamOf } from '../../contracts/berth-event.ts';
import { ContractError, isContractError } from '../../contracts/contract-error.ts';
import type { ListenRequest } from '../bus/hub.ts';

const FIRST_DELAY = 100;
const LONGEST_DELAY = 2000;
/** A daemon that is away for so long is gone. */
const PATIENCE_MS = 60_000;
/** Three heartbeats: silence beyond is a broken line. */
const SILENCE_MS = 45_000;

/** Asks for events; the answer is a stream of them. Throws daemon_not_running when nobody answers. */
export type OpenEvents = (request: ListenRequest, signal: AbortSignal) => Promise<IncomingMessage>;

/**
 * Batches of events over a line that may break: it goes on where it was, each event once. Asked for at once, read later. Throws
 * what the first asking threw, and daemon_not_running when the daemon stays away.
 */
export function listenAgain(
  wanted: ListenRequest,
  signal: AbortSignal,
  open: OpenEvents,
): AsyncIterable<readonly BerthEvent[]> {
  const first = open(wanted, signal);
  // Whoever reads is told; until somebody does, it is nobody’s defect.
  first.catch(() => undefined);
  return batches(wanted, signal, open, first);
}

async function* batches(
  wanted: ListenRequest,
  signal: AbortSignal,
  open: OpenEvents,
  first: Promise<IncomingMessage>,
): AsyncGenerator<readonly BerthEvent[]> {
  const last = new Map<string, number>();
  let opening = first;
  let connected = false;
  let delay = FIRST_DELAY;
  let away_since: number | undefined;
  while (!signal.aborted) {
    try {
      const response = await opening;
      connected = true;
      delay = FIRST_DELAY;
      away_since = undefined;
      for await (const events of eventLines(response, signal)) {
        for (const event of events) last.set(streamOf(event), event.seq);
        yield events;
      }
    } catch (error) {
      if (signal.aborted) return;
      away_since ??= performance.now();
      const gone = !connected || performance.now() - away_since > PATIENCE_MS;
      if (gone || !isContractError(error, 'daemon_not_running')) throw error;
    }
    await pause(delay, undefined, { signal }).catch(() => undefined);
    delay = Math.min(LONGEST_DELAY, delay * 2);
    opening = open({ ...wanted, resume: { ...wanted.resume, ...Object.fromEntries(last) } }, signal);
  }
}

/** Throws daemon_not_running when the line breaks or falls silent, internal when what comes is no event. */
async function* eventLines(
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<readonly BerthEvent[]> {
  const end = (): void => void response.destroy();
  signal.addEventListener('abort', end, { once: true });
  response.setEncoding('utf8');
  const chunks: AsyncIterator<unknown> = response[Symbol.asyncIterator]();
  let rest = '';
  try {
    for (let chunk = await soon(chunks, response); !chunk.done; chunk = await soon(chunks, response)) {
      const lines = (rest + String(chunk.value)).split('\n');
      rest = lines.pop() ?? '';
      const events = lines.filter((line) => line !== '').map(readEvent);
      if (events.length > 0) yield events;
    }
  } finally {
    signal.removeEventListener('abort', end);
    response.destroy();
  }
}

/** What comes next. Only waiting counts as silence, not what a reader does with the last one. */
async function soon(
  chunks: AsyncIterator<unknown>,
  response: IncomingMessage,
): Promise<IteratorResult<unknown>> {
  const silence = setTimeout(() => response.destroy(new Error('it fell silent')), SILENCE_MS);
  try {
    return await chunks.next();
  } catch (error) {
    throw new ContractError(
      'daemon_not_running',
      `the line to the daemon broke: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    clearTimeout(silence);
  }
}

function readEvent(line: string): BerthEvent {
  try {
    return berthEvent.parse(JSON.parse(line));
  } catch (error) {
    throw new ContractError('internal', 'the daemon sent an event that this version does not know', {
      cause: error,
      next: 'Use the version of Berth that the daemon has.',
    });
  }
}
