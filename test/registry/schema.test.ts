import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { containers } from '../../contracts/containers.ts';
import { readEntries } from '../../src/registry/read-entries.ts';
import { registrySchema } from '../../src/registry/registry-schema.ts';
import { schemaText } from '../../src/registry/write-schema.ts';
import { anEntry, anIndex } from './an-index.ts';

const FILES = [
  '_index.yaml',
  'examples/quickstart/_index.yaml',
  'examples/redis/_index.yaml',
  'examples/stack/_index.yaml',
];
const path = (name: string): string => fileURLToPath(new URL(`../../registry/${name}`, import.meta.url));
const accepts = (): ((text: string) => boolean) => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(registrySchema());
  return (text) => validate(parse(text));
};

test('the schema in the registry is the one that the contract gives (else: npm run schema)', async () => {
  expect(await readFile(path('berth.schema.json'), 'utf8')).toBe(schemaText());
});

describe.each(FILES)('%s', (name) => {
  test('is accepted by the schema, says where it is, and is read without a problem', async () => {
    const text = await readFile(path(name), 'utf8');
    expect(accepts()(text)).toBe(true);
    const relative = /^# yaml-language-server: \$schema=(.+)$/m.exec(text)?.[1] ?? '';
    expect(fileURLToPath(new URL(relative, new URL(`../../registry/${name}`, import.meta.url)))).toBe(
      path('berth.schema.json'),
    );
    expect(readEntries(text, { file: path(name), environment: {} }).problems).toEqual([]);
  });

  test('is refused with a key misspelt', async () => {
    const text = await readFile(path(name), 'utf8');
    expect(accepts()(text.replace('entries:', 'entires:'))).toBe(false);
    if (text.includes('image:')) expect(accepts()(text.replace('image:', 'imgae:'))).toBe(false);
    if (text.includes('{ host:')) expect(accepts()(text.replace('{ host:', '{ hots:'))).toBe(false);
  });
});

test('the schema takes what the reader takes: variables, numbers as texts, lists, entries of others', () => {
  const check = accepts();
  const good = [
    anEntry('a', 'user: 1000', 'command: [sleep, 3600]', 'env: { A: 1, B: true, C: x }'),
    anEntry(
      'a',
      'ports: [{ host: "${PORT}", container: 80, protocol: "${P:-tcp}", host_ip: "${IP}" }]',
      'init: ${INIT}',
      'cpu_limit: ${C}',
    ),
    anEntry(
      'a',
      'health_check: { test: x, interval: 5, timeout: 1m }',
      'memory_limit: 512m',
      'network: host',
    ),
    '  - { name: a, kind: contract.definition, whatever: [1] }\n',
    '  - { name: a, kind: registry.entry, meta: { type: cron.job }, schedule: daily }\n',
  ];
  for (const entry of good) expect([entry, check(anIndex('n', entry))]).toEqual([entry, true]);
  const bad = [
    anEntry('a', 'ports: [{ host: http, container: 80 }]'),
    anEntry('a', 'init: maybe'),
    anEntry('a', 'user: {}'),
    anEntry('a', 'ports: [{ host: 99999, container: 80 }]'),
    anEntry('a', 'health_check: { tset: x }'),
    anEntry('a b'),
    '  - { kind: contract.definition }\n',
  ];
  for (const entry of bad) expect([entry, check(anIndex('n', entry))]).toEqual([entry, false]);
});

test('every field of a container is described for the editor', () => {
  const text = schemaText();
  for (const name of ['image', 'command', 'ports', 'volumes', 'stop_timeout', 'stream', 'cpu_limit'])
    expect(text).toMatch(new RegExp(`"${name}": \\{[^}]*"description"`));
});

test('this component’s own index names the contracts that there are', async () => {
  const text = await readFile(path('_index.yaml'), 'utf8');
  const { ignored, entries } = readEntries(text, { file: path('_index.yaml'), environment: {} });
  expect(entries).toEqual([]);
  expect(ignored.map(({ name, kind }) => [`userspace.docker:${name}`, kind])).toEqual([
    [containers.id, 'contract.definition'],
  ]);
});

test('the quickstart uses an image of our own, and two of its three containers depend on nothing else', async () => {
  const text = await readFile(path('examples/quickstart/_index.yaml'), 'utf8');
  const { entries } = readEntries(text, { file: path('examples/quickstart/_index.yaml'), environment: {} });
  expect(entries.map(({ spec }) => spec.image)).toEqual(Array(3).fill('berth/quickstart:latest'));
  expect(entries[0]?.spec.ports).toEqual([{ container: 8080 }]);
});
