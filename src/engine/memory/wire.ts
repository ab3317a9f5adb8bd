import type { Socket } from 'node:net';
import type { WireError } from '../../../contracts/contract-error.ts';
import { jsonLines } from '../transport/json-lines.ts';

/** What a client says: a call, or that it has had enough of one. `args` are the port’s, without the signal. */
export type Asked =
  | {
      readonly call: number;
      readonly room: string;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly call: number; readonly enough: true };

/** What the engine says of a call: a piece of a stream, its end with a value, or its failure. */
export type Told =
  | { readonly call: number; readonly item: unknown }
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: WireError };

/** One message a line. Resolves once it may be followed by another. */
export function send(socket: Socket, message: Asked | Told): Promise<void> {
  const ready = socket.destroyed || socket.write(`${JSON.stringify(message, bytesAsText)}\n`);
  return ready
    ? Promise.resolve()
    : new Promise((resolve) => {
        socket.once('drain', resolve);
        socket.once('close', () => resolve());
      });
}

/** Messages as they come, until the socket ends. */
export async function* received<T>(socket: Socket): AsyncGenerator<T> {
  for await (const value of jsonLines(socket as AsyncIterable<Buffer>)) yield bytesAgain(value) as T;
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
