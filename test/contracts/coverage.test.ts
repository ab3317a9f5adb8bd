import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Contract } from '../../contracts/contract.ts';
import { CONTRACTS } from '../../src/dispatch/client.ts';

const SCENARIOS = fileURLToPath(new URL('../scenarios', import.meta.url));
const tests = readdirSync(SCENARIOS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(`${SCENARIOS}/${name}`, 'utf8'))
  // Only of files that ask the engine itself what came of it.
  .filter((text) => text.includes('rawEngine('));

test.each(
  Object.values<Contract>(CONTRACTS).flatMap(({ id, methods }) =>
    Object.keys(methods).map((name) => [id, name]),
  ),
)('%s %s is called in a scenario on a real engine, whose own view is looked at', (id = '', method = '') => {
  const short = id.replace(/^.*:/, '');
  const names = short === 'containers' ? 'docker|containers' : short;
  const called = new RegExp(String.raw`\b(?:${names})(?:\(\))?\.${method}\(|'${short}', '${method}'`);
  expect(tests.some((text) => called.test(text))).toBe(true);
});
