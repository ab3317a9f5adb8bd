import { isUtf8 } from 'node:buffer';
import type { containers, LogLine } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { ContainerEvent } from '../../../contracts/events.ts';
import type { LogFrame } from '../../engine/port/container-calls.ts';
import type { ObservedContainer } from '../../plan/observed.ts';
import { findContainer } from './find-container.ts';
import { momentOf } from './moment-of.ts';
import type { ContainerParts } from './parts.ts';

type Logs = Handlers<typeof containers>['logs'];
type Input = Parameters<Logs>[0];
const DEFAULT_LIMIT = 100;
const MOST = 1000;
/** Of a line of somebody else’s container, 16 KiB each: a longer one is cut. */
const MOST_PIECES = 64;
const MOST_BYTES = 8 * 1024 * 1024;

/** Pages of the journal by seq, also after the container is gone; for those of others, what the engine has. */
export function logs(parts: ContainerParts): Logs {
  const { journal, clock } = parts;
  return async (input, { signal }) => {
    const found = await findContainer(input.id, parts, signal);
    const now = clock.now();
    const since = input.since === undefined ? undefined : momentOf(input.since, now, 'since');
    const until = input.until === undefined ? undefined : momentOf(input.until, now, 'until');
    // Nobody keeps what the builds of others wrote.
    if (found.kind === 'foreign' && input.source === 'build') return { lines: [], has_more: false };
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
      ...(input.source && { source: input.source }),
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

async function foreignLines(
  seen: ObservedContainer,
  input: Omit<Input, 'since' | 'until'> & {
    readonly since: string | undefined;
    readonly until: string | undefined;
  },
  { engine }: ContainerParts,
  signal: AbortSignal,
): ReturnType<Logs> {
  const limit = Math.min(MOST, input.limit ?? DEFAULT_LIMIT, input.tail ?? MOST);
  const lines: LogLine[] = [];
  const query = {
    follow: false,
    tty: seen.tty,
    tail: Math.min(MOST, input.tail ?? limit),
    ...(input.since !== undefined && { since: input.since }),
    ...(input.until !== undefined && { until: input.until }),
  };
  const unfinished = new Map<string, LogFrame[]>();
  let size = 0;
  const add = (pieces: readonly LogFrame[]): void => {
    const line = foreignLine(pieces);
    lines.push(line);
    size += line.line.length;
    while (lines.length > limit || (size > MOST_BYTES && lines.length > 1))
      size -= lines.shift()?.line.length ?? 0;
  };
  for await (const frames of engine.containers.logs(seen.id, query, signal)) {
    for (const frame of frames) {
      if (input.stream !== undefined && frame.stream !== input.stream) continue;
      const pieces = unfinished.get(frame.stream) ?? [];
      if (pieces.length < MOST_PIECES) pieces.push(frame);
      unfinished.set(frame.stream, frame.ends_line ? [] : pieces);
      if (frame.ends_line) add(pieces);
    }
  }
  for (const pieces of unfinished.values()) if (pieces.length > 0) add(pieces);
  return { lines, has_more: false };
}

function foreignLine(pieces: readonly LogFrame[]): LogLine {
  const data = Buffer.concat(pieces.map((piece) => piece.data));
  const { stream = 'stdout', ts = '' } = pieces[0] ?? {};
  return {
    seq: 0,
    ts,
    stream,
    line: data.toString('utf8'),
    ...(!isUtf8(data) && { bytes: data.toString('base64') }),
  };
}
