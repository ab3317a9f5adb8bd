import { RE2JS } from 're2js';
import type { Journal, NewEvent } from '../../store/journal.ts';
import type { Follower } from '../follow/follower.ts';
import { bounded, type Seen } from './looks.ts';

/** So much of a line is looked at. */
const MOST_OF_A_LINE = 16 * 1024;
const PAGE = 1000;
/** The engine may stamp a first line a little before it notes the start. */
const EARLIER_MS = 5000;

/** Watches what one run writes for a line that matches. */
export interface LineWatch {
  look(): Seen;
  stop(): void;
}

export interface LineWatchParts {
  readonly container_id: string;
  readonly started_at: string;
  readonly follower: Follower;
  readonly journal: Pick<Journal, 'lines'>;
  /** Told once, as soon as a line matches. */
  readonly onMatch: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * The pattern is matched in linear time, whatever it is (RE2), so that none can hold up this process. Lines come from the follower as
 * they are read, and from the journal those that were read before.
 */
export function lineWatch(pattern: string, parts: LineWatchParts): LineWatch {
  const { container_id, started_at, follower, journal, onMatch, onError } = parts;
  const compiled = compile(pattern);
  let found: string | undefined;
  let attempt: number | undefined;
  let stopped = false;

  const take = (line: string): void => {
    if (stopped || found !== undefined || !('re' in compiled)) return;
    const text = line.slice(0, MOST_OF_A_LINE);
    if (!compiled.re.matcher(text).find()) return;
    found = bounded(text);
    onMatch();
  };

  /** What an earlier look, or an earlier follower, has read of this run. */
  const catchUp = async (of: number): Promise<void> => {
    const since = new Date(Date.parse(started_at) - EARLIER_MS).toISOString().replace('Z', '000000Z');
    for (let after_seq = 0; !stopped && found === undefined; ) {
      const { lines, has_more } = await journal.lines(container_id, { since, after_seq, limit: PAGE });
      for (const line of lines) if (line.attempt === of) take(line.line);
      after_seq = lines.at(-1)?.seq ?? after_seq;
      if (!has_more) return;
    }
  };

  const unlisten = follower.listen({
    run: (run, now) => {
      const isMine = run === started_at;
      if (isMine && attempt === undefined) catchUp(now).catch(onError);
      attempt = isMine ? now : undefined;
    },
    lines: (events: readonly NewEvent[]) => {
      if (attempt === undefined) return;
      for (const event of events) if (event.type === 'log') take(event.line);
    },
    over: () => undefined,
  });

  return {
    look: () =>
      found === undefined ? { ok: false, output: whyNot(compiled, follower) } : { ok: true, output: found },
    stop: () => {
      stopped = true;
      unlisten();
    },
  };
}

function whyNot(compiled: ReturnType<typeof compile>, { unavailable }: Follower): string {
  if ('error' in compiled) return compiled.error;
  return unavailable ?? 'it has written no line yet that matches';
}

function compile(pattern: string): { readonly re: RE2JS } | { readonly error: string } {
  try {
    return { re: RE2JS.compile(RE2JS.translateRegExp(pattern)) };
  } catch (error) {
    return { error: `the pattern cannot be used: ${error instanceof Error ? error.message : String(error)}` };
  }
}
