import { describe, expect, test } from 'vitest';
import { dotenv } from '../../src/compose/reading/dotenv.ts';
import { interpolate } from '../../src/compose/reading/interpolate.ts';

const VARIABLES = { A: 'a', EMPTY: '', OTHER: 'o' };

describe('variables are put in as Compose does', () => {
  test.each([
    ['$A and ${A}', 'a and a'],
    ['$$A costs $$5', '$A costs $5'],
    ['${NONE:-d}', 'd'],
    ['${EMPTY:-d}', 'd'],
    ['${EMPTY-d}', ''],
    ['${NONE-d}', 'd'],
    ['${A:+yes}', 'yes'],
    ['${EMPTY:+yes}', ''],
    ['${EMPTY+yes}', 'yes'],
    ['${NONE+yes}', ''],
    ['${A:?must}', 'a'],
    ['${EMPTY?must}', ''],
    ['${NONE:-${ALSO_NONE:-${OTHER}}}', 'o'],
    ['${NONE:-a:b-c}', 'a:b-c'],
    ['${NONE:-}', ''],
    ['x${A}y$OTHER-z', 'xayo-z'],
    ['${NONE:-{"a":1}}', '{"a":1}'],
    ['no dollar', 'no dollar'],
    ['costs $5, $-x $', 'costs $5, $-x $'],
  ])('%s is %s', (text, expected) => {
    expect(interpolate(text, VARIABLES)).toEqual({ text: expected, unset: [] });
  });

  test('a variable that is not set is an empty text, and is told', () => {
    expect(interpolate('<$NONE${NONE}${X}>', VARIABLES)).toEqual({ text: '<>', unset: ['NONE', 'X'] });
  });

  test.each([
    ['${NONE:?set it}', 'the variable NONE must be set: set it'],
    ['${EMPTY:?}', 'the variable EMPTY must be set'],
    ['${NONE?}', 'the variable NONE must be set'],
    ['${}', '`${}` names no variable; write $$ for a dollar'],
    ['${A', '`${A` has no closing }'],
    ['${A!b}', '`${A!b}` is no way to use a variable; write $$ for a dollar'],
  ])('%s is refused', (text, problem) => {
    expect(interpolate(text, VARIABLES).problem).toBe(problem);
  });
});

describe('files of variables are read as Compose does', () => {
  test.each([
    ['A=1\nB = two words \n', { A: '1', B: 'two words' }],
    ['export A=1', { A: '1' }],
    ['# no\n\nA=1 # yes\nB=1#no', { A: '1', B: '1#no' }],
    ["A='$X # kept \\n'", { A: '$X # kept \\n' }],
    ['A="a\\nb \\"q\\" \\$X"', { A: 'a\nb "q" $X' }],
    ['A="one\ntwo"\nB=3', { A: 'one\ntwo', B: '3' }],
    ['A=1\nB=${A}-${C:-c}', { A: '1', B: '1-c' }],
    ['B=$AROUND', { B: 'around' }],
    ['AROUND=mine\nB=$AROUND', { AROUND: 'mine', B: 'around' }],
    ['A: yaml', { A: 'yaml' }],
    ['A=', { A: '' }],
    ['A=https://x/?a=b#c', { A: 'https://x/?a=b#c' }],
    ['\uFEFFA=1\r\nB=2\r\n', { A: '1', B: '2' }],
  ])('%j', (text, expected) => {
    expect(dotenv(text, { AROUND: 'around' }).variables).toEqual(expected);
  });

  test('a name alone comes from around', () => {
    expect(dotenv('A\nB=1', {})).toEqual({ variables: { B: '1' }, inherited: ['A'] });
  });

  test.each([
    ['A=1\n=2', { line: 2, message: '`=2` is no NAME=value' }],
    ['A="open\nnever', { line: 1, message: 'A has no closing "' }],
  ])('%j is refused with its line', (text, problem) => {
    expect(dotenv(text, {}).problem).toEqual(problem);
  });

  test('a raw file is taken as it is', () => {
    expect(dotenv('A="$X" # all', {}, true).variables).toEqual({ A: '"$X" # all' });
  });
});
