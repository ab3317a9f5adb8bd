import type { BuildProgress } from '../../port/build-calls.ts';
import { lineCutter } from './line-cutter.ts';

/** One line of the classic builder. */
export interface ClassicLine {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

const STEP = /^Step (\d+)\/(\d+) : (.*)$/s;
/** What the builder says of its own doing; it is no step’s output. */
const OWN = /^( ---> |Removing intermediate container |Successfully (built|tagged) |sha256:[0-9a-f]{64}$)/;
/** How it marks what a step wrote to stderr. */
const RED = '\u001b[91m';
const PLAIN = '\u001b[0m';

/** Hears the classic builder’s words and tells steps and lines. `now` in milliseconds. */
export function classicOutput(now: () => number): {
  readonly hear: (line: ClassicLine) => readonly BuildProgress[];
  /** The last step is over: well, or with that message. */
  readonly end: (failure?: string) => readonly BuildProgress[];
} {
  const cutters = { stdout: lineCutter(), stderr: lineCutter() };
  let open:
    | { readonly step: string; readonly name: string; readonly since: number; cached: boolean }
    | undefined;
  let base = '';

  const close = (failure?: string): readonly BuildProgress[] => {
    if (open === undefined) return [];
    const { step, name, since, cached } = open;
    open = undefined;
    const ended = { type: 'step', step, name, duration_ms: Math.max(0, now() - since) } as const;
    if (failure !== undefined) return [{ ...ended, status: 'failed', message: failure }];
    return [{ ...ended, status: cached ? 'cached' : 'done' }];
  };
  const flushed = (): readonly BuildProgress[] =>
    (['stdout', 'stderr'] as const).flatMap((stream) =>
      cutters[stream].flush().map((data) => ({ type: 'log' as const, stream, data })),
    );
  const line = (stream: 'stdout' | 'stderr', data: Buffer): readonly BuildProgress[] => {
    const text = data.toString('utf8');
    const [whole, number, total, words = ''] = (stream === 'stdout' && STEP.exec(text)) || [];
    if (whole !== undefined) {
      const ended = close();
      const name = `[${number}/${total}] ${words.trim()}`;
      open = { step: String(number), name, since: now(), cached: false };
      base = /^FROM\s+(?:--\S+\s+)*(\S+)/i.exec(words)?.[1] ?? base;
      return [...ended, { type: 'step', step: open.step, name, status: 'started' }];
    }
    if (stream === 'stdout' && OWN.test(text)) {
      if (open !== undefined && text.startsWith(' ---> Using cache')) open.cached = true;
      return [];
    }
    return [{ type: 'log', stream, data }];
  };
  return {
    hear: ({ stream, status, id, progressDetail }) => {
      if (status !== undefined) {
        const { current = 0, total = 0 } = progressDetail ?? {};
        const layer = id === undefined ? {} : { layer: id };
        return [{ type: 'progress', image: base, phase: status, ...layer, current, total }];
      }
      if (stream === undefined) return [];
      const from = stream.startsWith(RED) ? 'stderr' : 'stdout';
      const said = from === 'stderr' ? stream.slice(RED.length).replace(PLAIN, '') : stream;
      // What the builder says itself is on a line of its own, whatever a step left without a newline.
      const before = STEP.test(said.trimEnd()) || OWN.test(said.trimEnd()) ? flushed() : [];
      return [...before, ...cutters[from].push(Buffer.from(said)).flatMap((data) => line(from, data))];
    },
    end: (failure) => [...flushed(), ...close(failure)],
  };
}
