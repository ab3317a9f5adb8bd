import { shutdown } from '../runtime/shutdown.ts';
import { VERSION } from '../version.ts';
import { processConsole } from './console.ts';
import { fail } from './fail.ts';
import type { Io } from './io.ts';

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: process.stdout.isTTY === true,
  columns: process.stdout.columns ?? 100,
  rows: process.stdout.rows ?? 40,
  console: processConsole(),
};
// A reader that has seen enough (`| head`) ends the command, and is no error.
process.stdout.on('error', () => process.exit(0));

const words = process.argv.slice(2);
if (words[0] === '__complete') {
  // Without what commands need: somebody waits at a prompt, and nothing but an answer helps.
  const { completeLine } = await import('./complete-line.ts');
  await completeLine(words.slice(1), io).catch(() => undefined);
  process.exit(0);
}
const { signal, take } = shutdown(() => io.err('berth: ended at once. The containers keep running.\n'));
try {
  const [{ createDeps }, { runCommandLine }] = await Promise.all([
    import('./create-deps.ts'),
    import('./program.ts'),
  ]);
  process.exitCode = await runCommandLine(
    words,
    {
      io,
      signal,
      takeSignals: take,
      deps: createDeps({ signal, level: words[0] === 'up' || words[0] === 'quickstart' ? 'warn' : 'error' }),
    },
    VERSION,
  );
} catch (error) {
  process.exitCode = fail(error, io, words.includes('--json'));
}
endSoon();

/** All is done and let go: what is left open by mistake must not hold the process. What is still to be printed may. */
function endSoon(): void {
  setTimeout(() => {
    if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) endSoon();
    else process.exit();
  }, 5000).unref();
}
