import type { BerthEvent } from '../../contracts/berth-event.ts';
import type { OperationEvent } from '../../contracts/operation-events.ts';
import { formatBytes } from './format-bytes.ts';
import type { Io } from './io.ts';
import { printable } from './printable.ts';
import { redraw } from './redraw.ts';

type Progress = Extract<OperationEvent, { type: 'progress' }>;

/** Shows how a pull or push gets on. */
export interface TransferView {
  show(event: BerthEvent): void;
  /** Nothing more comes. */
  end(): void;
}

/** Bars on a terminal; elsewhere a line when a layer comes to another phase; as JSON every event. */
export function transferView(io: Io, json: boolean): TransferView {
  if (json) return { show: (event) => io.out(`${JSON.stringify(event)}\n`), end: () => undefined };
  return io.terminal ? bars(io) : lines(io);
}

function lines(io: Io): TransferView {
  const phases = new Map<string, string>();
  return {
    show: (event) => {
      if (event.type !== 'progress' || !('operation_id' in event) || event.layer === undefined) return;
      if (phases.get(event.layer) === event.phase) return;
      phases.set(event.layer, event.phase);
      io.out(`${printable(event.layer)}: ${printable(event.phase)}\n`);
    },
    end: () => undefined,
  };
}

function bars(io: Io): TransferView {
  const draw = redraw(io);
  const layers = new Map<string, Progress>();
  let all: Progress | undefined;
  return {
    show: (event) => {
      if (event.type !== 'progress' || !('operation_id' in event)) return;
      if (event.layer === undefined) all = event;
      else layers.set(event.layer, event);
      draw(transferText([...layers.values()], all, io));
    },
    end: () => undefined,
  };
}

const BAR = 24;
const DONE = /^(Pull complete|Pushed|Already exists|Layer already exists|Mounted from)/;

/** A line a layer (those that are done go first where there are too many for the terminal), then one for all. */
export function transferText(
  layers: readonly Progress[],
  all: Progress | undefined,
  { columns, rows }: Pick<Io, 'columns' | 'rows'>,
): string {
  // What has no bytes and is no layer: the name of what is pulled, its digest.
  const real = layers.filter(({ layer = '' }) => /^[0-9a-f]{12}$/.test(layer));
  const room = Math.max(1, rows - 2);
  const shown = real.length <= room ? real : real.filter(({ phase }) => !DONE.test(phase)).slice(0, room);
  const texts = shown.map(layerLine);
  if (all !== undefined) {
    const done = real.filter(({ phase }) => DONE.test(phase)).length;
    const rate = all.rate === undefined ? '' : `  ${formatBytes(all.rate)}/s`;
    const bytes = all.total === 0 ? '' : `  ${formatBytes(all.current)} of ${formatBytes(all.total)}${rate}`;
    texts.push(`${done} of ${real.length} layers${bytes}`);
  }
  return texts.map((text) => text.slice(0, Math.max(1, columns - 1))).join('\n');
}

function layerLine({ layer = '', phase, current, total }: Progress): string {
  const begin = `${printable(layer)}  ${printable(phase).padEnd(18)}`;
  if (total === 0 || DONE.test(phase)) return begin.trimEnd();
  const share = Math.min(1, current / total);
  const full = Math.floor(share * BAR);
  const bar = `[${'='.repeat(full)}${full < BAR ? '>' : ''}${' '.repeat(Math.max(0, BAR - full - 1))}]`;
  return `${begin} ${bar} ${formatBytes(current)} of ${formatBytes(total)}`;
}
