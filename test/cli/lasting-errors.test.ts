import { expect, test } from 'vitest';
import { lastingErrors } from '../../src/cli/up/lasting-errors.ts';

test('an error that lasts is told by the first line of its text; a warning, and what may go by itself, are not', () => {
  const texts = [
    'a.yaml:3:5: ns:a: unknown key\n  keyy: 1\n  ^^^^',
    'a.yaml:9:1: warning: old',
    'a.yaml:12:1: away',
  ];
  expect(
    lastingErrors(texts, [
      { level: 'error', code: 'invalid_registry' },
      { level: 'warning', code: 'invalid_registry' },
      { level: 'error', code: 'engine_unreachable' },
    ]),
  ).toEqual(['a.yaml:3:5: ns:a: unknown key']);
  expect(lastingErrors([], [])).toEqual([]);
});
