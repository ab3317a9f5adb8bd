import type { Duplex } from 'node:stream';
import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError } from '../engine-errors.ts';
import type { OutputPiece, Session } from '../port/session-calls.ts';
import { decodeFrames } from '../transport/decode-frames.ts';

export interface SessionTraits {
  readonly tty: boolean;
  /** What comes is read, but not told. */
  readonly silent: boolean;
  readonly host: string;
  /** Ends the connection. */
  readonly life: AbortController;
}

/** A session over a bare connection. */
export function sessionStream(socket: Duplex, traits: SessionTraits): Session {
  const { host, life } = traits;
  const sent = (send: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const failed = (error?: Error): void =>
        reject(life.signal.aborted ? connectionError(error, host, life.signal) : nobodyReads(error));
      if (socket.destroyed || socket.writableEnded) return failed();
      send((error) => (error ? failed(error) : resolve()));
    });
  return {
    output: pieces(socket, traits),
    write: (data) => sent((done) => socket.write(data, done)),
    end: () => sent((done) => socket.end(done)),
    close: () => life.abort(new ContractError('aborted', 'the session was closed')),
  };
}

function nobodyReads(cause?: unknown): ContractError {
  return new ContractError(
    'wrong_state',
    'nobody reads the input any more: it has ended, or its process has',
    {
      cause,
    },
  );
}

async function* pieces(
  socket: Duplex,
  { tty, silent, host, life }: SessionTraits,
): AsyncGenerator<readonly OutputPiece[]> {
  const bytes: AsyncIterable<Buffer> = socket;
  try {
    if (silent) for await (const _ of bytes);
    else if (tty) for await (const data of bytes) yield [{ stream: 'stdout', data: Buffer.from(data) }];
    else
      for await (const batch of decodeFrames(bytes))
        yield batch.map(({ stream, data }) => ({ stream: stream === 'stderr' ? 'stderr' : 'stdout', data }));
  } catch (error) {
    throw connectionError(error, host, life.signal);
  } finally {
    life.abort(nobodyReads());
  }
}
