import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { containerEntry } from '../../contracts/registry-entry.ts';
import type { Reading } from '../../src/registry/entry.ts';
import { decodeEntries, encodeEntries } from '../../src/registry/entry-files.ts';
import { formatProblem } from '../../src/registry/format-problem.ts';
import { MAX_FILE_LENGTH, readEntries } from '../../src/registry/read-entries.ts';
import { anEntry, anIndex } from './an-index.ts';

const FILE = '/srv/app/registry/_index.yaml';
const MINUTES = 60_000;
const ENVIRONMENT = { HOME: '/home/me', ONE: '1', TEXT: 'a: [b' };
const FIELDS = [...Object.keys(containerEntry.shape), '__proto__', 'constructor', '<<', 'comand', '?', ''];
const WORDS = [
  ...[
    '&a',
    '*a',
    '*b',
    '<<: *a',
    '!!binary',
    '!x',
    '%YAML 1.1',
    '---',
    '...',
    '- ',
    ': ',
    '? ',
    '| ',
    '>-',
    '[',
    ']',
    '{',
    '}',
    ', ',
  ],
  ...[
    '"',
    "'",
    '#',
    '\t',
    '\r',
    '\0',
    '\u2028',
    '\uFEFF',
    '${',
    '${ONE}',
    '${NONE}',
    '${TEXT}',
    '${NONE:-x}',
    '$$',
    '~',
    '0x1',
    '1e999',
    '.nan',
  ],
  ...[
    '__proto__: {a: b}',
    'constructor',
    'registry.entry',
    'docker.container',
    'name: x',
    'kind: y',
    '\n',
    '\n  ',
    '\n      ',
    'null',
  ],
];

const field = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      'x',
      'redis:7',
      80,
      true,
      null,
      [],
      {},
      ['a', 1],
      '${ONE}',
      '512m',
      '1m30s',
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.dictionary(
        fc.constantFrom('host', 'container', 'name', 'mode', 'protocol', 'x'),
        fc.jsonValue({ maxDepth: 1 }),
      ),
    ),
  },
);
const entry = fc.dictionary(fc.constantFrom(...FIELDS), field).map((fields) => ({
  name: 'a',
  kind: 'registry.entry',
  meta: { type: 'docker.container' },
  ...fields,
}));
const document = fc
  .record({
    namespace: fc.constantFrom('ns', 'a b', ''),
    entries: fc.array(fc.oneof(entry, fc.jsonValue({ maxDepth: 2 })), { maxLength: 4 }),
  })
  .map((value) => stringify(value));
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.nat(6), fc.nat(200)),
  put: fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 8, unit: 'binary' })),
});

function mutate(text: string, { at, cut, put }: { at: number; cut: number; put: string }): string {
  const from = Math.floor(at * text.length);
  return text.slice(0, from) + put + text.slice(from + cut);
}

/** Whatever the text: no throw, and each problem has a place that is in the text and a line that can be printed. */
function readsSoundly(text: string): Reading {
  const reading = readEntries(text, { file: FILE, environment: ENVIRONMENT });
  const lines = text.split('\n');
  for (const problem of reading.problems) {
    expect(problem.message).not.toBe('');
    expect(problem.message).not.toMatch(/undefined|\[object/);
    if (problem.line !== undefined) {
      expect(problem.line).toBeLessThanOrEqual(lines.length);
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(lines[problem.line - 1]?.startsWith(problem.source ?? '')).toBe(true);
    }
    expect(formatProblem(problem, '/srv').split('\n').length).toBeLessThanOrEqual(3);
  }
  if (reading.entries.length === 0 && reading.ignored.length === 0 && reading.problems.length === 0)
    expect(reading.unsure).toEqual(new Set());
  const kept = {
    path: FILE,
    root: '/srv',
    content_hash: '',
    entries: encodeEntries(reading.entries),
    read_at: 1,
  };
  expect(decodeEntries(kept)).toEqual(reading.entries);
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  expect(Object.keys(Object.prototype)).toEqual([]);
  return reading;
}

test('no mutation of a registry file makes reading throw, or a problem without a sound place', {
  timeout: 9 * MINUTES,
}, () => {
  fc.assert(
    fc.property(document, fc.array(mutation, { maxLength: 6 }), (text, mutations) => {
      readsSoundly(mutations.reduce(mutate, text));
    }),
    { numRuns: 5_000, interruptAfterTimeLimit: 6 * MINUTES, markInterruptAsFailure: false },
  );
});

test('whatever one entry’s fields are, the entries beside it are read as they stand', {
  timeout: 9 * MINUTES,
}, () => {
  const good = [anEntry('before', 'image: redis:7'), anEntry('after', 'command: [sleep, 1]')];
  const alone = readsSoundly(anIndex('ns', ...good)).entries.map(({ id, spec }) => [id, spec]);
  fc.assert(
    fc.property(fc.oneof(entry, fc.jsonValue()), (value) => {
      const item = stringify([value], { aliasDuplicateObjects: false }).replace(/^(?=.)/gm, '  ');
      const { entries } = readsSoundly(anIndex('ns', good[0] ?? '', item, good[1] ?? ''));
      const beside = entries.filter(({ name }) => name === 'before' || name === 'after');
      expect(beside.map(({ id, spec }) => [id, spec])).toEqual(alone);
    }),
    { numRuns: 5_000, interruptAfterTimeLimit: 6 * MINUTES, markInterruptAsFailure: false },
  );
});

test.each([
  '[',
  '{',
  ']',
  '- ',
  '? ',
  ': ',
  ', ',
  '[,',
  '"',
  '"a" ',
  '&a ',
  '*a ',
  '!',
  '%\n',
  '---\n',
  'a: b: c\n',
  '- &a x\n- *a\n',
  '# \n',
  '\n',
  '\t',
  '${',
  'a: |\n x\n',
])('a file full of %j is read in bounded time', { timeout: 9 * MINUTES }, (piece) => {
  const most = Math.floor(MAX_FILE_LENGTH / 4 / piece.length) - 10;
  for (const head of [
    '',
    'entries:\n  - name: aa\n    kind: registry.entry\n    meta: { type: docker.container }\n    command: ',
  ])
    readsSoundly(head + piece.repeat(most - head.length));
});

test('a file of a hundred thousand keys, and one of aliases of aliases, are read in bounded time', {
  timeout: 9 * MINUTES,
}, () => {
  const keys = Array.from({ length: 60_000 }, (_, index) => `k${index}: ${index}`);
  readsSoundly(keys.join('\n'));
  readsSoundly(anIndex('ns', anEntry('aa', `env: { ${keys.join(', ')} }`)));
  const layers = Array.from(
    { length: 5_000 },
    (_, index) => `l${index}: &l${index} [${index === 0 ? 'x' : `*l${index - 1}, *l${index - 1}`}]`,
  );
  readsSoundly(
    anIndex(
      'ns',
      anEntry('aa', ...layers),
      ...Array.from({ length: 2_000 }, (_, index) => anEntry(`b${index}`, 'env: *l20')),
    ),
  );
});
