import type { StreamTarget } from '../../contracts/events.ts';
import { isEntry } from '../registry/entry.ts';
import { decodeEntries } from '../registry/entry-files.ts';
import type { Scan } from '../registry/scan.ts';
import type { Store } from '../store/store.ts';

export interface DeclaredStreams {
  /** Make the subscription of an entry that is in the store what its `stream` says; one that it declared before goes. */
  bring(entry: { readonly id: string; readonly stream: StreamTarget | undefined }, now: number): void;
}

/** The subscriptions that entries declare. What an entry declared before is known from its last kept reading. */
export function declaredStreams({ entries, subscriptions }: Store, { put, forget }: Scan): DeclaredStreams {
  const present = new Set(
    subscriptions.all().map(({ stream_id, reply_to, topic }) => key(stream_id, { reply_to, topic })),
  );
  const rewritten = new Set([...put.map(({ path }) => path), ...forget]);
  const former = new Map<string, StreamTarget>();
  for (const file of rewritten.size === 0 ? [] : entries.all()) {
    if (!rewritten.has(file.path)) continue;
    for (const entry of decodeEntries(file) ?? [])
      if (isEntry(entry) && entry.stream) former.set(entry.id, entry.stream);
  }
  return {
    bring: ({ id, stream }, now) => {
      const before = former.get(id);
      if (before && (stream === undefined || key(id, before) !== key(id, stream)))
        subscriptions.remove({ container_id: id, target: before });
      if (stream && !present.has(key(id, stream))) subscriptions.ensure(id, stream, now);
    },
  };
}

function key(id: string, { reply_to = '', topic }: StreamTarget): string {
  return JSON.stringify([id, reply_to, topic]);
}
