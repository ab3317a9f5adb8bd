import { randomUUID } from 'node:crypto';
import type { StreamTarget } from '../../contracts/events.ts';
import type { Context } from './context.ts';
import type { PlaceOptions } from './options.ts';
import type { Session } from './session.ts';
import { transferView } from './transfer-view.ts';

/** A call whose progress is shown while it is under way: redrawn on a terminal, else a line a change, or each event as JSON. */
export async function watched<T extends { readonly operation_id?: string | undefined }>(
  options: PlaceOptions,
  { io, deps, signal }: Context,
  { doing, quiet }: { readonly doing: string; readonly quiet: true | undefined },
  work: (session: Session, stream: StreamTarget | undefined, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const session = await deps.session(options);
  const ending = new AbortController();
  const all = AbortSignal.any([signal, ending.signal]);
  try {
    // Nobody could be listened to without a daemon.
    if (quiet || !session.daemon) return await work(session, undefined, signal);
    const stream = { reply_to: `cli_${randomUUID()}`, topic: doing };
    const view = transferView(io, options.json === true);
    const showing = (async () => {
      for await (const event of session.listen(stream, all)) {
        view.show(event);
        if (event.type === 'done') return;
      }
    })();
    // It is awaited below; until then its end is no defect.
    showing.catch(() => undefined);
    try {
      const result = await work(session, stream, signal);
      // What was there already has no events to wait for.
      if (result.operation_id !== undefined) await Promise.race([showing, lateness(ending.signal)]);
      return result;
    } finally {
      ending.abort();
      view.end();
      await showing.catch(() => undefined);
    }
  } finally {
    await session.close();
  }
}

const LATE_MS = 2000;

/** The last events are there in a moment, or never. */
function lateness(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LATE_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
