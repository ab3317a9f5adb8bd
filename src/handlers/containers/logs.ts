import type { containers, LogLine } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerEvent } from '../../../contracts/events.ts';
import type { LogFrame } from '../../engine/engine.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import { timestamp } from '../../runtime/clock.ts';
import { findContainer } from './find-container.ts';
import type { ContainerParts } from './parts.ts';

type Logs = Handlers<typeof containers>['logs'];
type Input = Parameters<Logs>[0];
const DEFAULT_LIMIT = 100;
const MOST = 1000;

/** Pages of the journal by seq, also after the container is gone; for those of others, what the engine has. */
export function logs(parts: ContainerParts): Logs {
  const { journal, clock } = parts;
  return async (input, { signal }) => {
    const found = await findContainer(input.id, parts, signal);
    const now = clock.now();
    const since = input.since === undefined ? undefined : momentOf(input.since, now, 'since');
    const until = input.until === undefined ? undefined : momentOf(input.until, now, 'until');
    if (found.kind === 'foreign') return foreignLines(found.seen, { ...input, since, until }, parts, signal);
    const after_seq = input.cursor === undefined ? undefined : readCursor(input.cursor);
    const limit = input.limit ?? Math.min(MOST, input.tail ?? DEFAULT_LIMIT);
    const { lines, has_more } = await journal.lines(found.row.id, {
      limit: Math.max(1, limit),
      ...(after_seq === undefined
        ? { ...(input.tail !== undefined && { tail: input.tail }), ...(since !== undefined && { since }) }
        : { after_seq }),
      ...(until !== undefined && { until }),
      ...(input.stream && { stream: input.stream }),
    });
    const last = lines.at(-1)?.seq ?? after_seq;
    return { lines: lines.map(lineOf), has_more, ...(last !== undefined && { next_cursor: String(last) }) };
  };
}

function lineOf({ seq, ts, stream, line, bytes }: Extract<ContainerEvent, { type: 'log' }>): LogLine {
  return { seq, ts, stream, line, ...(bytes !== undefined && { bytes }) };
}

function readCursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ContractError('invalid_input', 'the cursor is none of ours', {
    problems: [{ path: 'cursor', message: 'not a `next_cursor` of an earlier page' }],
  });
}

const UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment as RFC 3339 with nanoseconds: a date, seconds since 1970, or how long ago. */
function momentOf(value: string | number, now: number, field: string): string {
  if (typeof value === 'number' || /^\d+(\.\d+)?$/.test(value)) return timestamp(Number(value) * 1000);
  const ago = [...value.matchAll(/(\d+)(ms|s|m|h|d)/g)];
  if (ago.length > 0 && ago.map(([text]) => text).join('') === value)
    return timestamp(
      now - ago.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT[unit ?? 's'] ?? 0), 0),
    );
  const nanos = /\.(\d{1,9})/.exec(value)?.[1]?.padEnd(9, '0') ?? '000000000';
  const millis = Date.parse(value);
  if (Number.isNaN(millis))
    throw new ContractError('invalid_input', `\`${value}\` is no time`, {
      problems: [{ path: field, message: 'RFC 3339, seconds since 1970, or how long ago like 10m' }],
    });
  return `${new Date(Math.floor(millis / 1000) * 1000).toISOString().slice(0, 19)}.${nanos}Z`;
}

async function foreignLines(
  seen: ObservedContainer,
  input: Omit<Input, 'since' | 'until'> & {
    readonly since: string | undefined;
    readonly until: string | undefined;
  },
  { engine }: ContainerParts,
  signal: AbortSignal,
): ReturnType<Logs> {
  const limit = input.limit ?? Math.min(MOST, input.tail ?? DEFAULT_LIMIT);
  const lines: LogLine[] = [];
  const query = {
    follow: false,
    tty: seen.tty,
    tail: Math.min(MOST, input.tail ?? limit),
    ...(input.since !== undefined && { since: input.since }),
    ...(input.until !== undefined && { until: input.until }),
  };
  for await (const frames of engine.containers.logs(seen.id, query, signal))
    lines.push(
      ...frames
        .filter(({ stream }) => input.stream === undefined || stream === input.stream)
        .map(foreignLine),
    );
  return { lines: lines.slice(-limit), has_more: false };
}

function foreignLine({ stream, ts, data }: LogFrame): LogLine {
  return { seq: 0, ts, stream, line: data.toString('utf8') };
}
