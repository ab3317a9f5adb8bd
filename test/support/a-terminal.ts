import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** The real command line in a terminal of its own, which util-linux’ `script` makes: every Debian has it. */
export interface Terminal extends Disposable {
  /** All that it showed so far. */
  readonly shown: () => string;
  type(text: string): void;
  /** Another size, as if its window was pulled. */
  resize(columns: number, rows: number): Promise<void>;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

export async function aTerminal(
  words: readonly string[],
  { state, columns, rows }: { readonly state: string; readonly columns: number; readonly rows: number },
): Promise<Terminal> {
  const line = [process.execPath, MAIN, ...words].map((word) => `'${word}'`).join(' ');
  const child = spawn(
    'script',
    ['-qfec', `tty; stty cols ${columns} rows ${rows}; exec ${line}`, '/dev/null'],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, BERTH_STATE: state, TERM: 'xterm' } },
  );
  let shown = '';
  child.stdout.on('data', (part: Buffer) => {
    shown += part.toString();
  });
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  while (!/\/dev\/pts\/\d+\r?\n/.test(shown)) await once(child.stdout, 'data');
  const device = /\/dev\/pts\/\d+/.exec(shown)?.[0] ?? '';
  shown = '';
  return {
    shown: () => shown,
    type: (text) => void child.stdin.write(text),
    resize: async (wide, high) => {
      await once(spawn('stty', ['-F', device, 'cols', String(wide), 'rows', String(high)]), 'close');
    },
    ended,
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
