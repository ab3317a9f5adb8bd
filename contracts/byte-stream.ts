import { z } from 'zod';

/** Bytes as they come, any number of them. Who gets them reads them to their end, leaves the loop, or aborts the call. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** The field `tar` of an input or an output: over HTTP it is the body, and the other fields stand beside it. */
export const byteStream = z.custom<ByteStream>(isByteStream, 'a stream of bytes is wanted');

export function isByteStream(value: unknown): value is ByteStream {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
