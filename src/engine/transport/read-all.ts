import type { IncomingMessage } from 'node:http';
import { ContractError } from '../../../contracts/contract-error.ts';

const LARGEST_ANSWER = 64 * 1024 * 1024;

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** The rest of an answer. Throws when it breaks, is aborted or is endless. */
export async function readAll(response: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const end = (): void =>
    void response.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of response) {
      const bytes = part as Buffer;
      size += bytes.length;
      if (size > LARGEST_ANSWER) throw new ContractError('engine_failed', 'the engine’s answer is too long');
      parts.push(bytes);
    }
    return {
      status: response.statusCode ?? 0,
      body: Buffer.concat(parts).toString(),
      headers: response.headers,
    };
  } finally {
    signal.removeEventListener('abort', end);
  }
}
