import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Contract } from '../../contracts/contract.ts';
import { CONTRACTS } from '../../src/dispatch/client.ts';

const SCENARIOS = fileURLToPath(new URL('../scenarios', import.meta.url));

/** Methods whose answer is not the engine’s to check: what they ask of is Berth itself. */
const OF_BERTH_ALONE = new Set([
  'containers subscribe',
  'containers unsubscribe',
  'containers ack',
  'system health',
  'system stop_operation',
]);

/** The single tests of all scenarios, each with the names under which its file holds the engine itself. */
const tests = readdirSync(SCENARIOS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(`${SCENARIOS}/${name}`, 'utf8'))
  .filter((text) => text.includes('rawEngine('))
  .flatMap((text) => {
    const blocks = text.split(/^ *(?=(?:test|it)(?:\.\w+)*\()/m).slice(1);
    return blocks.map((block) => ({ block, asks: asksEngine(text) }));
  });

/** Whether a test asks the engine itself: by `rawEngine(`, by a variable that holds one, or by a function of its file that does. */
function asksEngine(text: string): RegExp {
  const holders = [
    ...text.matchAll(/\b(\w+)\s*(?::[^=;\n]*rawEngine[^=;\n]*)?=\s*(?:await )?rawEngine\(/g),
  ].map(([, name]) => name);
  const declared = [...text.matchAll(/\blet (\w+): ReturnType<typeof rawEngine>/g)].map(([, name]) => name);
  const direct = [...new Set([...holders, ...declared])].map((name) => String.raw`\b${name}[.)]`);
  const words = ['rawEngine\\(', ...direct];
  const helpers = [
    ...text.matchAll(/^(?: {2})?(?:const|async function|function) (\w+)\b[\s\S]*?^(?: {2})?\}?\)?;?$/gm),
  ]
    .filter(([body]) => new RegExp(words.join('|')).test(body))
    .map(([, name]) => String.raw`\b${name}\(`);
  return new RegExp([...words, ...helpers].join('|'));
}

test.each(
  Object.values<Contract>(CONTRACTS).flatMap(({ id, methods }) =>
    Object.keys(methods).map((name) => [id.replace(/^.*:/, ''), name]),
  ),
)(
  '%s %s is called in a test on a real engine that looks at the engine’s own view',
  (short = '', method = '') => {
    const names = short === 'containers' ? 'docker|containers' : short;
    const called = new RegExp(String.raw`\b(?:${names})(?:\(\))?\.${method}\(|'${short}', '${method}'`);
    const alone = OF_BERTH_ALONE.has(`${short} ${method}`);
    expect(tests.some(({ block, asks }) => called.test(block) && (alone || asks.test(block)))).toBe(true);
  },
);
