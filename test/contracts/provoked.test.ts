import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const texts = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !name.startsWith('contracts/'))
  .map((name) => readFileSync(`${TESTS}/${name}`, 'utf8'));

/** Where a test says that a failure has that code: in what it expects, not in what it makes. */
function expected(code: ErrorCode): RegExp {
  const word = `['"]${code}['"]`;
  const ways = [
    String.raw`expect\w*\([^;]*?${word}`,
    String.raw`isContractError\(\w+, ${word}\)`,
    String.raw`refusal\([^;]*?${word}`,
    `code: ${word}`,
    `error: .{0,20}${code}`,
    // A row of a table of failures, whose test names its last column `code`.
    String.raw`^  \[[^\n]*${word}\],$(?=[\s\S]*?\bcode\b)`,
  ];
  return new RegExp(ways.join('|'), 'sm');
}

test.each(Object.keys(ERRORS) as ErrorCode[])('%s is provoked by a test that expects it', (code) => {
  const pattern = expected(code);
  expect(texts.some((text) => pattern.test(text))).toBe(true);
});
