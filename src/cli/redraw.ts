import { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';
import type { Io } from './io.ts';

/** Puts each text in the place of the one before, on a terminal. */
export function redraw(io: Io): (text: string) => void {
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      io.out(String(chunk));
      done();
    },
  });
  return createLogUpdate(Object.assign(stream, { columns: io.columns, rows: io.rows }), {
    showCursor: true,
  });
}
