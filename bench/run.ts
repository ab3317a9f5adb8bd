import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startLab } from '../test/support/lab/lab.ts';
import { aborting } from './aborting.ts';
import type { Bench, Row } from './bench.ts';
import { probing } from './probing.ts';

const BENCHES: readonly Bench[] = [aborting, probing];
const ARTIFACTS = fileURLToPath(new URL('../test/artifacts', import.meta.url));

// `npm run bench [-- --json] [NAME…]`: each benchmark beside its peer, on one engine, in one run.
const words = process.argv.slice(2);
const json = words.includes('--json');
const names = words.filter((word) => word !== '--json');
const ending = new AbortController();
process.once('SIGINT', () => ending.abort());
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
  const results: { readonly name: string; readonly rows: readonly Row[] }[] = [];
  for (const { name, run } of BENCHES) {
    if (names.length > 0 && !names.some((word) => name.includes(word))) continue;
    say(`— ${name}`);
    results.push({ name, rows: await run({ socket: lab.socket, say }) });
  }
  if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else
    for (const { name, rows } of results) {
      process.stdout.write(`${name}\n`);
      for (const row of rows) process.stdout.write(`  ${Object.entries(row).map(textOf).join('  ')}\n`);
    }
} finally {
  await lab.stop();
}

function textOf([name, value]: readonly [string, string | number]): string {
  return `${name}=${typeof value === 'number' ? value.toFixed(2) : value}`;
}
