import type { Io } from '../../src/cli/io.ts';

/** An Io that keeps what is written. */
export function anIo(
  options: { readonly terminal?: boolean } = {},
): Io & { readonly written: { out: string; err: string } } {
  const written = { out: '', err: '' };
  return {
    written,
    terminal: options.terminal ?? false,
    columns: 100,
    rows: 40,
    console: {
      typed: false,
      read: async function* () {
        yield* [];
      },
      stop: () => undefined,
      write: async (stream, data) => {
        written[stream === 'stdout' ? 'out' : 'err'] += Buffer.from(data).toString();
      },
      size: () => undefined,
      onResize: () => () => undefined,
      raw: () => () => undefined,
    },
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  };
}
