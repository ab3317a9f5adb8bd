import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ByteStream, isByteStream } from '../../contracts/byte-stream.ts';
import { ContractError } from '../../contracts/contract-error.ts';

export const BYTES = 'application/octet-stream';
/** The output’s fields beside its bytes, as JSON in ASCII. */
export const OUTPUT_HEADER = 'berth-output';

/** Bodies of bytes are handed on as they come, whatever their length. */
export function takeBytes(server: FastifyInstance): void {
  server.addContentTypeParser([BYTES, 'application/x-tar'], (_request, payload, done) => done(null, payload));
}

/** The input of a call: its JSON body, or the body’s bytes as `tar` beside the JSON of `?input=`. Throws invalid_input. */
export function inputOf({ body, query, raw }: FastifyRequest, reply: FastifyReply): unknown {
  if (!isByteStream(body)) return body ?? {};
  // An answer may come before the end of what is sent; the sender hears it only while that is still taken.
  reply.raw.once('finish', () => raw.resume());
  const text = typeof query === 'object' && query !== null && 'input' in query ? String(query.input) : '{}';
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new ContractError('invalid_input', '?input= is no JSON', { cause: error });
  }
  return typeof input === 'object' && input !== null
    ? { ...input, tar: raw.iterator({ destroyOnReturn: false }) }
    : input;
}

/** The bytes among an output; undefined when it has none. */
export function bytesIn(output: unknown): ByteStream | undefined {
  if (typeof output !== 'object' || output === null || !('tar' in output)) return undefined;
  return isByteStream(output.tar) ? output.tar : undefined;
}

/** Answer with bytes as fast as they are taken. When they break off, so does the connection: what came is not all. */
export function sendBytes(reply: FastifyReply, output: object, tar: ByteStream): FastifyReply {
  const { tar: _, ...rest } = { tar, ...output };
  return reply
    .header('content-type', BYTES)
    .header(OUTPUT_HEADER, ascii(JSON.stringify(rest)))
    .send(Readable.from(tar, { objectMode: false }));
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
