import type { Journal, LogCursor } from '../../store/journal.ts';

/** So many containers of one row are remembered: the one that is followed, and those before it that may come back. */
const MOST = 3;

/** Where the followers of one row’s containers are in their logs: two of them write one cursor. */
export interface Places {
  /** Which container is followed, and which one beside it. */
  follow(main: string | undefined, aside: string | undefined): void;
  /** A journal that stores the place of both with whatever either stores. */
  over(journal: Journal): Journal;
}

export function places(): Places {
  let main: string | undefined;
  let aside: string | undefined;
  /** As they are stored. */
  const known = new Map<string, LogCursor>();
  let last: Promise<unknown> = Promise.resolve();

  const together = (given: LogCursor): LogCursor => {
    const own = chainOf(given);
    const order = new Set([main ?? given.engine_id, aside, ...own.map(({ engine_id }) => engine_id)]);
    const all = [...order].flatMap((id) => {
      if (id === undefined) return [];
      if (id === given.engine_id) return [given];
      return known.get(id) ?? own.find(({ engine_id }) => engine_id === id) ?? (id === main ? begun(id) : []);
    });
    return nested(all) ?? given;
  };

  return {
    follow: (now, beside) => {
      main = now;
      aside = beside;
    },
    over: (journal) => ({
      ...journal,
      open: async (id, token) => {
        const state = await journal.open(id, token);
        if (state !== 'fenced')
          for (const one of chainOf(state.cursor))
            if (!known.has(one.engine_id)) known.set(one.engine_id, one);
        return state;
      },
      append: (id, token, events, cursor) => {
        if (cursor === undefined) return journal.append(id, token, events);
        // One after the other: what one of them could not store must not be told as stored by the other.
        const mine = last.then(async () => {
          const stored = await journal.append(id, token, events, together(cursor));
          if (stored !== 'fenced') known.set(cursor.engine_id, cursor);
          return stored;
        });
        last = mine.catch(() => undefined);
        return mine;
      },
    }),
  };
}

/** A cursor and those that it keeps of the containers before it, newest first. */
export function chainOf(cursor: LogCursor | null): readonly LogCursor[] {
  const chain: LogCursor[] = [];
  for (let one = cursor ?? undefined; one !== undefined; one = one.former) chain.push(one);
  return chain;
}

/** The first with the others as those before it. Undefined when there is none. */
export function nested(chain: readonly LogCursor[]): LogCursor | undefined {
  return chain.slice(0, MOST).reduceRight<LogCursor | undefined>((former, { former: _, ...one }) => {
    return former === undefined ? one : { ...one, former };
  }, undefined);
}

function begun(engine_id: string): LogCursor {
  return { engine_id, stdout: null, stderr: null, run: null };
}
