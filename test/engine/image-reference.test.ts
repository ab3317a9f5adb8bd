import { expect, test } from 'vitest';
import { parseImageReference } from '../../src/engine/image-reference.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

test.each([
  ['alpine', { text: 'alpine:latest', repository: 'alpine', tag: 'latest' }],
  ['alpine:3.20', { text: 'alpine:3.20', repository: 'alpine', tag: '3.20' }],
  ['a/b_c/d-e.f', { text: 'a/b_c/d-e.f:latest', repository: 'a/b_c/d-e.f', tag: 'latest' }],
  [
    'localhost/a',
    { text: 'localhost/a:latest', repository: 'localhost/a', registry: 'localhost', tag: 'latest' },
  ],
  ['host:5000/a:1', { text: 'host:5000/a:1', repository: 'host:5000/a', registry: 'host:5000', tag: '1' }],
  [
    '[::1]:5000/a',
    { text: '[::1]:5000/a:latest', repository: '[::1]:5000/a', registry: '[::1]:5000', tag: 'latest' },
  ],
  [
    `r.test/a@${DIGEST}`,
    { text: `r.test/a@${DIGEST}`, repository: 'r.test/a', registry: 'r.test', digest: DIGEST },
  ],
  [`a:1@${DIGEST}`, { text: `a:1@${DIGEST}`, repository: 'a', tag: '1', digest: DIGEST }],
  [DIGEST, { text: DIGEST, repository: '', id: DIGEST.slice(7) }],
])('%s is read as it is meant', (text, expected) => {
  expect(parseImageReference(text)).toEqual(expected);
});

test.each([
  ['', 'path'],
  ['A', 'lowercase'],
  ['a:', 'tag'],
  ['a:b:c', 'path'],
  ['a:-x', 'tag'],
  ['a@sha256:12', 'digest'],
  [`a@${DIGEST}@${DIGEST}`, 'digest'],
  ['a//b', 'path'],
  ['/a', 'path'],
  ['a/', 'path'],
  ['../a', 'registry'],
  ['host:port/a', 'registry'],
  ['a?b', 'path'],
  ['https://r.test/a', 'registry'],
])('`%s` is refused, and the %s is blamed', (text, part) => {
  expect(() => parseImageReference(text)).toThrow(part);
});
