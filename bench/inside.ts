import { aborting } from './aborting.ts';
import type { Bench, Row } from './bench.ts';
import { probing } from './probing.ts';

export interface Result {
  readonly name: string;
  readonly rows: readonly Row[];
}

const BENCHES: readonly Bench[] = [aborting, probing];

// `inside.ts SOCKET [NAME…]`: runs in the network namespace of that engine, where its containers’ addresses are. Results as JSON, the rest on standard error.
const [socket = '', ...names] = process.argv.slice(2);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const results: Result[] = [];
for (const { name, run } of BENCHES) {
  if (names.length > 0 && !names.some((word) => name.includes(word))) continue;
  say(`— ${name}`);
  results.push({ name, rows: await run({ socket, say }) });
}
process.stdout.write(JSON.stringify(results));
