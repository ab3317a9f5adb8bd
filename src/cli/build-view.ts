import type { BerthEvent } from '../../contracts/berth-event.ts';
import { describeEvent } from './describe-event.ts';
import type { Io } from './io.ts';
import { printable } from './printable.ts';
import { redraw } from './redraw.ts';

/** Lines of the steps’ output that a terminal shows at once. */
const LINES = 8;
/** Lines that are shown again when it fails. */
const LAST = 40;
const EVERY_MS = 100;
const MARKS = { started: '…', cached: '=', done: '✓', failed: '✗' } as const;

type Step = Extract<BerthEvent, { type: 'step' }>;

/** Shows how a build goes: steps with their times that redraw themselves on a terminal, plain lines elsewhere. */
export interface BuildView {
  hear(event: BerthEvent): void;
  /** Nothing more comes. `failed`: the last lines are shown once more where they were drawn over. */
  end(failed: boolean): void;
}

export function buildView(io: Io, now: () => number): BuildView {
  return io.terminal ? drawn(io, now) : plain(io);
}

function plain(io: Io): BuildView {
  return {
    hear: (event) => {
      if (event.type !== 'progress' && event.type !== 'done') io.out(`${printable(describeEvent(event))}\n`);
    },
    end: () => undefined,
  };
}

function drawn(io: Io, now: () => number): BuildView {
  const draw = redraw(io);
  const steps = new Map<string, { readonly step: Step; readonly since: number }>();
  const lines: string[] = [];
  let progress = '';
  const show = (): void => {
    const room = Math.max(3, io.rows - LINES - 3);
    const all = [...steps.values()].map(({ step, since }) => stepLine(step, now() - since, io.columns));
    const hidden = all.length > room ? [`(${all.length - room} steps before)`] : [];
    const last = lines.slice(-LINES).map((line) => `  | ${line}`.slice(0, io.columns - 1));
    draw([...hidden, ...all.slice(-room), ...last, ...(progress === '' ? [] : [progress])].join('\n'));
  };
  const timer = setInterval(show, EVERY_MS);
  timer.unref();
  return {
    hear: (event) => {
      if (event.type === 'step') {
        const since = steps.get(event.step)?.since ?? now();
        steps.set(event.step, { step: event, since });
        progress = '';
      } else if (event.type === 'log') {
        lines.push(printable(event.line));
        if (lines.length > LAST) lines.shift();
      } else if (event.type === 'progress') progress = `  ${describeEvent(event)}`.slice(0, io.columns - 1);
    },
    end: (failed) => {
      clearInterval(timer);
      progress = '';
      const left = failed ? lines.splice(0) : [];
      lines.length = 0;
      show();
      io.out('\n');
      for (const line of left) io.err(`| ${line}\n`);
    },
  };
}

function stepLine({ status, name, duration_ms }: Step, running: number, columns: number): string {
  const time = status === 'cached' ? 'cached' : `${((duration_ms ?? running) / 1000).toFixed(1)}s`;
  const room = Math.max(10, columns - time.length - 5);
  const text = printable(name);
  const short = text.length > room ? `${text.slice(0, room - 1)}…` : text.padEnd(room);
  return `${MARKS[status]} ${short} ${time}`;
}
