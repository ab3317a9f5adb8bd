import type { IncomingMessage } from 'node:http';
import { connectionError } from '../engine-errors.ts';
import type { Asking } from '../transport/dial.ts';
import { type Api, DEADLINE } from './api.ts';

/** GET a tar: its bytes as fast as they are read; leaving the loop, or the signal, ends it. Throws before the first byte what the engine refuses, and while reading what the connection fails with. */
export async function downloadTar(
  api: Api,
  asking: Pick<Asking, 'path' | 'query'>,
  doing: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<AsyncIterable<Uint8Array>> {
  // The engine may have much to pack before it begins.
  const response = await api.open({ method: 'GET', ...asking }, { doing, deadline: DEADLINE.upload, signal });
  return read(response, api.transport.host, signal);
}

async function* read(
  response: IncomingMessage,
  host: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throw connectionError(error, host, signal);
  }
}
