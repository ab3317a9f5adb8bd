import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { Readable } from 'node:stream';
import { type ByteStream, isByteStream } from '../../contracts/byte-stream.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import { BYTES, OUTPUT_HEADER } from './byte-bodies.ts';

/** The bytes that go up with an input, and the rest of it. */
export function bytesOf(input: unknown): { readonly tar: ByteStream; readonly rest: object } | undefined {
  if (typeof input !== 'object' || input === null || !('tar' in input) || !isByteStream(input.tar))
    return undefined;
  const { tar, ...rest } = input;
  return { tar, rest };
}

/**
 * POST bytes as fast as they are taken; the answer may come before all of them are sent, and ends the sending. `end` lets go of the
 * connection once the answer is read. Throws invalid_input when the bytes cannot be read, and what the connection fails with.
 */
export function postBytes(
  { path, ...options }: RequestOptions,
  { tar, rest }: { readonly tar: ByteStream; readonly rest: object },
): Promise<{ readonly response: IncomingMessage; readonly end: () => void }> {
  return new Promise((resolve, reject) => {
    const source = Readable.from(tar, { objectMode: false });
    const outgoing = request(
      {
        ...options,
        path: `${path}?input=${encodeURIComponent(JSON.stringify(rest))}`,
        method: 'POST',
        // Closed by this side alone: it may be in the midst of sending when the answer comes.
        headers: { ...options.headers, 'content-type': BYTES, connection: 'keep-alive' },
      },
      (response) =>
        resolve({
          response,
          end: () => {
            source.destroy();
            outgoing.destroy();
          },
        }),
    );
    source.on('error', (cause) => {
      reject(new ContractError('invalid_input', `the bytes cannot be read: ${cause.message}`, { cause }));
      outgoing.destroy();
    });
    outgoing.on('error', (error) => {
      source.destroy();
      reject(error);
    });
    source.pipe(outgoing);
  });
}

/** The output of an answer whose body is bytes; undefined for any other. Its `tar` throws what `broken` makes of an early end. */
export function bytesAnswered(
  response: IncomingMessage,
  broken: (error: unknown) => ContractError,
): object | undefined {
  if (response.headers['content-type'] !== BYTES) return undefined;
  const rest: unknown = JSON.parse(String(response.headers[OUTPUT_HEADER] ?? '{}'));
  // Whoever reads is told; until somebody does, it is nobody’s defect.
  response.on('error', () => undefined);
  return { ...Object(rest), tar: readOn(response, broken) };
}

async function* readOn(
  response: IncomingMessage,
  broken: (error: unknown) => ContractError,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throw broken(error);
  }
}
