import { type ClientRequest, request } from 'node:http';
import { createInterface } from 'node:readline';

/** One event as the engine tells it. */
export interface RawEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** All that an engine tells from now on, until it is disposed of. Resolves once it listens. */
export async function toldEvents(
  socketPath: string,
): Promise<{ readonly told: readonly RawEvent[] } & Disposable> {
  const told: RawEvent[] = [];
  const asked = await new Promise<ClientRequest>((resolve, reject) => {
    const outgoing = request({ socketPath, path: '/events' }, (incoming) => {
      createInterface({ input: incoming })
        .on('line', (line) => void told.push(JSON.parse(line) as RawEvent))
        .on('error', () => undefined);
      incoming.on('error', () => undefined);
      resolve(outgoing);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
  return { told, [Symbol.dispose]: () => void asked.destroy() };
}
