import type { LogFrame } from '../port/container-calls.ts';

/** Bytes and pieces that one container’s log may have before its older half goes, as a full file does. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_FRAMES = 400_000;
/** The engine cuts longer lines into pieces of this size. */
const PIECE_BYTES = 16 * 1024;

type Stream = LogFrame['stream'];

/** What a container wrote and the engine still has. */
export interface KeptLog {
  frames: LogFrame[];
  /** How many went before the first of `frames`. */
  gone: number;
  bytes: number;
  /** Lines without an end so far. */
  readonly open: Record<Stream, string>;
}

export function newLog(): KeptLog {
  return { frames: [], gone: 0, bytes: 0, open: { stdout: '', stderr: '' } };
}

/** Keep text; what follows its last newline waits for the rest of its line. */
export function writeText(log: KeptLog, stream: Stream, text: string, stamp: () => string): void {
  const [first = '', ...rest] = text.split('\n');
  let line = log.open[stream] + first;
  for (const next of rest) {
    keepLine(log, stream, line, stamp(), true);
    line = next;
  }
  log.open[stream] = line;
}

/** The run is over: an unfinished line is kept as it is. */
export function endLines(log: KeptLog, stamp: () => string): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    if (log.open[stream] !== '') keepLine(log, stream, log.open[stream], stamp(), false);
    log.open[stream] = '';
  }
}

function keepLine(log: KeptLog, stream: Stream, line: string, ts: string, finished: boolean): void {
  const bytes = Buffer.from(line);
  for (let at = 0; at === 0 || at < bytes.length; at += PIECE_BYTES) {
    const data = bytes.subarray(at, at + PIECE_BYTES);
    log.frames.push({ stream, ts, data, ends_line: finished && at + PIECE_BYTES >= bytes.length });
  }
  log.bytes += bytes.length;
  if (log.bytes <= MOST_BYTES && log.frames.length <= MOST_FRAMES) return;
  const lost = log.frames.splice(0, Math.ceil(log.frames.length / 2));
  log.gone += lost.length;
  log.bytes -= lost.reduce((sum, { data }) => sum + data.length, 0);
}
