import { once } from 'node:events';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { type WireError, wireError } from '../../../contracts/contract-error.ts';
import { jsonLines } from '../transport/json-lines.ts';

/** A list of thousands of containers is one line. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** What a client asks: one call, the only one of its connection. `args` are the method’s, without signal and functions. */
export const asked = z.strictObject({
  room: z.string(),
  method: z.string(),
  args: z.array(z.unknown()),
});
export type Asked = z.infer<typeof asked>;

/** What the engine says of it: a piece of a stream or some progress, its end with a value, or its failure. */
export const told = z.union([
  z.strictObject({ item: z.unknown() }),
  z.strictObject({ value: z.unknown() }),
  z.strictObject({ error: wireError }),
]);
export type Told = { readonly item: unknown } | { readonly value: unknown } | { readonly error: WireError };

/** One message a line. Resolves once it may be followed by another, or nobody is there any more. */
export async function send(socket: Socket, message: Asked | Told): Promise<void> {
  if (socket.destroyed || socket.write(`${JSON.stringify(message, bytesAsText)}\n`)) return;
  const either = new AbortController();
  const { signal } = either;
  try {
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]);
  } catch {
    // An error of the socket is told to whoever reads from it.
  } finally {
    either.abort();
  }
}

/** Messages as they come, until the socket ends. What is not read is not fetched. */
export async function* received(socket: Socket): AsyncGenerator<unknown> {
  for await (const value of jsonLines(socket as AsyncIterable<Buffer>, LONGEST_LINE)) yield bytesAgain(value);
}

/** Node writes a Buffer as `{type: 'Buffer', data: [numbers]}`. */
function bytesAsText(_: string, value: unknown): unknown {
  return isNodeBuffer(value) ? { $bytes: Buffer.from(value.data).toString('base64') } : value;
}

function isNodeBuffer(value: unknown): value is { readonly data: readonly number[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value &&
    Array.isArray(value.data)
  );
}

function bytesAgain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bytesAgain);
  if (typeof value !== 'object' || value === null) return value;
  if ('$bytes' in value && typeof value.$bytes === 'string') return Buffer.from(value.$bytes, 'base64');
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bytesAgain(one)]));
}
