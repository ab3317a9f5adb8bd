#!/usr/bin/env node
import { shutdownSignal } from '../runtime/shutdown.ts';
import { VERSION } from '../version.ts';
import { createDeps } from './create-deps.ts';
import { fail } from './fail.ts';
import type { Io } from './io.ts';
import { runCommandLine } from './program.ts';

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: process.stdout.isTTY === true,
  columns: process.stdout.columns ?? 100,
  rows: process.stdout.rows ?? 40,
};
// A reader that has seen enough (`| head`) ends the command, and is no error.
process.stdout.on('error', () => process.exit(0));

const words = process.argv.slice(2);
const signal = shutdownSignal(() => io.err('berth: ended at once. The containers keep running.\n'));
try {
  process.exitCode = await runCommandLine(
    words,
    {
      io,
      signal,
      deps: createDeps({ signal, level: words[0] === 'up' || words[0] === 'quickstart' ? 'warn' : 'error' }),
    },
    VERSION,
  );
} catch (error) {
  process.exitCode = fail(error, io, words.includes('--json'));
}
