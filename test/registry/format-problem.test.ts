import { expect, test } from 'vitest';
import { formatProblem } from '../../src/registry/format-problem.ts';
import type { RegistryProblem } from '../../src/registry/problem.ts';

const problem = (more: Partial<RegistryProblem>): RegistryProblem => ({
  level: 'error',
  code: 'invalid_registry',
  file: '/srv/app/registry/_index.yaml',
  line: 7,
  column: 5,
  length: 6,
  entry: 'n:cache',
  message: 'unknown key `comand` (did you mean `command`?)',
  source: '    comand: redis-server',
  ...more,
});

test('a problem is its place, its entry and what is wrong, then the line with the place underlined', () => {
  expect(formatProblem(problem({}), '/srv/app')).toBe(`\
registry/_index.yaml:7:5: n:cache: unknown key \`comand\` (did you mean \`command\`?)
      comand: redis-server
      ^^^^^^`);
});

test('a path outside of the folder is shown whole, a warning says that it is one, and a file as a whole has no line', () => {
  const {
    line: _line,
    source: _source,
    entry: _entry,
    ...rest
  } = problem({ level: 'warning', message: 'is empty' });
  expect(formatProblem(rest, '/elsewhere')).toBe('/srv/app/registry/_index.yaml: warning: is empty');
});

test('what a terminal would obey is not passed on, and the caret stays below its place', () => {
  const text = formatProblem(
    problem({ source: '\t\u001b[31m\u202Ecomand: x', column: 8, message: 'a\u001b]0;x\u0007' }),
    '/srv/app',
  );
  expect(text).toBe('registry/_index.yaml:7:8: n:cache: a�]0;x�\n   �[31m�comand: x\n         ^^^^^^');
});

test('a long line is shown around the place', () => {
  const text = formatProblem(
    problem({ source: `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`, column: 5001, length: 4 }),
    '/srv/app',
  );
  const [, excerpt = '', caret = ''] = text.split('\n');
  expect(excerpt.length).toBeLessThan(120);
  expect(excerpt.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
});
