import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startLab } from '../test/support/lab/lab.ts';
import type { Result } from './inside.ts';

const ARTIFACTS = fileURLToPath(new URL('../test/artifacts', import.meta.url));
const INSIDE = fileURLToPath(new URL('./inside.ts', import.meta.url));

// `npm run bench [-- --json] [NAME…]`: each benchmark beside its peer, on one engine, in one run.
const words = process.argv.slice(2);
const json = words.includes('--json');
const names = words.filter((word) => word !== '--json');
const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => ending.abort());
const say = (line: string): void => void process.stderr.write(`${line}\n`);

mkdirSync(ARTIFACTS, { recursive: true });
const lab = await startLab({
  lane: 'new',
  images: ['small'],
  say,
  artifacts: ARTIFACTS,
  signal: ending.signal,
});
try {
  const results = await measure(lab.netns, lab.socket);
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else
    for (const { name, rows } of results) {
      process.stdout.write(`${name}\n`);
      for (const row of rows) process.stdout.write(`  ${Object.entries(row).map(textOf).join('  ')}\n`);
    }
} finally {
  await lab.stop();
}

/** As the tests do, beside the engine: from here nobody reaches its containers. */
async function measure(netns: string, socket: string): Promise<readonly Result[]> {
  const child = spawn('nsenter', [`--net=${netns}`, process.execPath, INSIDE, socket, ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: ending.signal,
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`the benchmarks ended with exit code ${code}`);
  return JSON.parse(said) as readonly Result[];
}

function textOf([name, value]: readonly [string, string | number]): string {
  return `${name}=${typeof value === 'number' ? value.toFixed(2) : value}`;
}
