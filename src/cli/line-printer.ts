import { styleText } from 'node:util';
import type { LogLine } from '../../contracts/containers.ts';
import type { Io } from './io.ts';
import { printable, printableLine } from './printable.ts';

const COLOURS = ['cyan', 'yellow', 'green', 'magenta', 'blue'] as const;

/** Prints log lines, each after its container’s name when there are several; the bytes as they are when not on a terminal. */
export function linePrinter(
  io: Io,
  names: readonly string[],
  options: { readonly prefix: boolean; readonly timestamps: boolean },
): (name: string, line: Pick<LogLine, 'line' | 'stream' | 'ts'>) => void {
  const known = [...names];
  return (name, { line, stream, ts }) => {
    if (!known.includes(name)) known.push(name);
    const width = Math.min(30, Math.max(...known.map(({ length }) => length)));
    const label = `${printable(name).padEnd(width)} | `;
    const colour = COLOURS[known.indexOf(name) % COLOURS.length] ?? 'cyan';
    const prefix = options.prefix
      ? io.terminal
        ? styleText(colour, label, { validateStream: false })
        : label
      : '';
    const text = `${prefix}${options.timestamps ? `${ts} ` : ''}${io.terminal ? printableLine(line) : line}\n`;
    if (stream === 'stderr' && !options.prefix) io.err(text);
    else io.out(text);
  };
}
