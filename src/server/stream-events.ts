import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ContractError } from '../../contracts/contract-error.ts';
import { streamTarget } from '../../contracts/events.ts';
import type { Hub } from '../bus/hub.ts';

/** What a listener asks for. */
export const listenRequest = z.strictObject({
  reply_to: streamTarget.shape.reply_to,
  topic: streamTarget.shape.topic,
  from_seq: z.int().min(1).optional(),
  /** Last seq received per container, when a listener comes back. */
  resume: z.record(z.string(), z.int().min(0)).optional(),
});

const HEARTBEAT_MS = 15_000;

/** Events as JSON, one a line, until the listener leaves; an empty line now and then shows that the line is alive. */
export async function streamEvents(
  hub: Hub,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parsed = listenRequest.safeParse(request.body ?? {});
  if (!parsed.success) {
    throw new ContractError('invalid_input', 'what is listened to is wrong', {
      problems: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    });
  }
  const { reply_to = '', topic, from_seq, resume } = parsed.data;
  const listener = await hub.listen({ reply_to, topic, from_seq, resume });
  reply.hijack();
  const { raw } = reply;
  if (raw.destroyed) {
    // It left while its place was being looked up: no event will say so any more.
    listener.close();
    return reply;
  }
  raw.on('error', () => listener.close());
  raw.on('close', () => listener.close());
  raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  raw.write('\n');
  const heartbeat = setInterval(() => raw.write('\n'), HEARTBEAT_MS);
  try {
    for (let events = await listener.take(); events !== undefined; events = await listener.take()) {
      const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      if (!raw.write(lines)) await drained(raw);
    }
  } finally {
    clearInterval(heartbeat);
    listener.close();
    raw.end();
  }
  return reply;
}

/** There is room again, or nobody to write to. */
function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (raw.destroyed) return resolve();
    const done = (): void => {
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.on('drain', done);
    raw.on('close', done);
  });
}
