import { describe, expect, test } from 'vitest';
import type { Reading } from '../../src/registry/entry.ts';
import { readEntries } from '../../src/registry/read-entries.ts';
import { anEntry, anIndex } from './an-index.ts';

const FILE = '/srv/shop/_index.yaml';
const read = (text: string, environment: Record<string, string> = {}): Reading =>
  readEntries(text, { file: FILE, environment });
const one = (...fields: string[]): Reading => read(anIndex('ns', anEntry('cache', ...fields)));
const specOf = (reading: Reading): object | undefined => {
  expect(reading.problems).toEqual([]);
  return reading.entries[0]?.spec;
};
/** Problems as `line:column message`; the first field of an entry of `one` is on line 7. */
const said = ({ problems }: Reading): string[] =>
  problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe('a good entry', () => {
  test('is namespace and name, its spec without `stream`, and where it stands', () => {
    const { entries } = one('image: redis:7', 'stream: { topic: cache.logs }');
    expect(entries).toEqual([
      {
        id: 'ns:cache',
        name: 'cache',
        container_name: 'cache',
        spec: { image: 'redis:7' },
        stream: { topic: 'cache.logs' },
        file: FILE,
        line: 4,
      },
    ]);
  });

  test('may leave out version and namespace: the namespace is the folder’s name', () => {
    expect(read(`entries:\n${anEntry('cache')}`).entries[0]?.id).toBe('shop:cache');
  });

  test('takes `container_name` over its own name', () => {
    expect(one('container_name: other').entries[0]).toMatchObject({ name: 'cache', container_name: 'other' });
  });

  test('may write numbers and booleans where a text is meant', () => {
    expect(
      specOf(one('user: 1000', 'command: [sleep, 3600]', 'health_check: { test: [CMD, test, 1] }')),
    ).toEqual({
      user: '1000',
      command: ['sleep', '3600'],
      health_check: { test: ['CMD', 'test', '1'] },
    });
  });

  test('has its environment and labels as they are written', () => {
    expect(
      specOf(one('env: { A: 1.10, B: true, C: 0755, D: 12345678901234567890, E: no }', 'labels: { v: 2.0 }')),
    ).toEqual({
      env: { A: '1.10', B: 'true', C: '0755', D: '12345678901234567890', E: 'no' },
      labels: { v: '2.0' },
    });
  });

  test('has host paths resolved from the folder of its file, and ~ from HOME', () => {
    const volumes =
      'volumes: [{ host: ./d, container: /d }, { host: ../e, container: /e, mode: ro }, { host: ~/f, container: /f }, { host: /g, container: /g }, { name: vol, container: /v }]';
    expect(specOf(read(anIndex('ns', anEntry('cache', volumes)), { HOME: '/home/me' }))).toMatchObject({
      volumes: [
        { host: '/srv/shop/d' },
        { host: '/srv/e', mode: 'ro' },
        { host: '/home/me/f' },
        { host: '/g' },
        { name: 'vol' },
      ],
    });
    expect(said(one('volumes: [{ host: ~/f, container: /f }]'))[0]).toMatch(/^7:23 .*HOME/);
  });

  test('may use anchors and aliases', () => {
    const text = anIndex(
      'ns',
      anEntry('aa', 'env: &env { A: x }'),
      anEntry('bb', 'env: *env', 'image: *nothing'),
      anEntry('cc', 'env: *env'),
    );
    const { entries, problems } = read(text);
    expect(entries.map(({ id, spec }) => [id, spec.env])).toEqual([
      ['ns:aa', { A: 'x' }],
      ['ns:cc', { A: 'x' }],
    ]);
    expect(problems.map(({ message }) => message)).toEqual(['nothing before it has the anchor &nothing']);
  });
});

describe('variables', () => {
  const withEnv = (environment: Record<string, string>, ...fields: string[]): Reading =>
    read(anIndex('ns', anEntry('cache', ...fields)), environment);

  test('are put into texts, with their default when unset or empty', () => {
    expect(
      specOf(
        withEnv(
          { TAG: '7', EMPTY: '' },
          'image: redis:${TAG}',
          'env: { A: "${EMPTY:-x}${NONE:-y}${EMPTY}", B: "${TAG:-z}" }',
        ),
      ),
    ).toEqual({
      image: 'redis:7',
      env: { A: 'xy', B: '7' },
    });
  });

  test('make numbers and booleans where the field wants them, and stay text where it does not', () => {
    const fields = [
      'ports: [{ host: "${PORT}", container: 80 }]',
      'init: ${INIT}',
      'user: ${UID}',
      'env: { V: "${VERSION}" }',
    ];
    expect(specOf(withEnv({ PORT: '8080', INIT: 'false', UID: '1000', VERSION: '1.10' }, ...fields))).toEqual(
      {
        ports: [{ host: 8080, container: 80 }],
        init: false,
        user: '1000',
        env: { V: '1.10' },
      },
    );
  });

  test('leave a dollar alone that begins no reference, and make one of two', () => {
    expect(specOf(one('command: echo $HOME $(date) $$HOME $$$$', 'env: { P: "a$${b}" }'))).toEqual({
      command: 'echo $HOME $(date) $HOME $$',
      env: { P: 'a${b}' },
    });
  });

  test('that are unset without a default are errors that name them', () => {
    expect(said(one('image: redis:${TAG}', 'command: echo ${ONE} ${TWO}'))).toEqual([
      '7:12 the variable TAG is not set; set it, or write `${TAG:-default}`',
      '8:14 the variable ONE is not set; set it, or write `${ONE:-default}`',
      '8:14 the variable TWO is not set; set it, or write `${TWO:-default}`',
    ]);
  });

  test('cannot be read from the prototype of an environment', () => {
    expect(said(one('image: ${constructor}'))[0]).toContain('the variable constructor is not set');
  });

  test('in a form that is none are errors', () => {
    for (const form of ['"${"', '"${A:?x}"', '"${1}"', '"${A:-${B}}"'])
      expect(said(one(`image: ${form}`))[0]).toMatch(/^7:12 .*no reference to a variable/);
  });

  test('in the entries of others are left alone', () => {
    expect(read('entries:\n  - { name: aa, kind: ns.dependency, version: "${X" }\n').problems).toEqual([]);
  });
});

describe('a wrong entry', () => {
  test('is one whose name the engine would refuse for its container', () => {
    expect(said(read(anIndex('ns', anEntry('x'))))).toEqual([
      '4:11 as a container’s name it is too short for the engine; give it two characters, or a `container_name`',
    ]);
    expect(read(anIndex('ns', anEntry('x', 'container_name: cache'))).problems).toEqual([]);
  });

  test('has every bad field told at once, with line and column, and what was meant', () => {
    const reading = one(
      'comand: redis-server',
      'ports:',
      '  - { host: 99999, container: "80", protocl: tcp }',
      '  - { container: 1, protocol: tcq }',
      'volumes: [{ host: data, container: /data }]',
      'environment: {}',
      'memory_limit: lots',
      'env: { "A=B": 1, N: }',
    );
    expect(said(reading).sort()).toEqual([
      '10:35 `ports.1.protocol` must be one of tcp, udp, sctp, not `tcq` (did you mean `tcp`?)',
      '11:23 `data` is no path; for a named volume write `name: data`, for a path `host: ./data`',
      '12:5 unknown key `environment` (did you mean `env`?)',
      '13:19 `memory_limit` must be bytes, or a size like 512m or 1.5g',
      '14:12 `A=B` is no usable key: a name without spaces and without =',
      '14:25 `env.N` must be a text or a number or true or false, not nothing',
      '7:5 unknown key `comand` (did you mean `command`?)',
      '9:17 `ports.0.host` must be at most 65535',
      '9:35 `ports.0.container` must be a number, not the text `80`',
      '9:41 unknown key `protocl` (did you mean `protocol`?)',
    ]);
    expect(
      reading.problems.every(
        ({ entry, level, file }) => entry === 'ns:cache' && level === 'error' && file === FILE,
      ),
    ).toBe(true);
  });

  test('does not harm the others of its file, and is known by its id', () => {
    const { entries, unsure } = read(anIndex('ns', anEntry('aa'), anEntry('bb', 'imagee: x'), anEntry('cc')));
    expect(entries.map(({ id }) => id)).toEqual(['ns:aa', 'ns:cc']);
    expect(unsure).toEqual(new Set(['ns:bb']));
  });

  test('whose name cannot be told leaves it open which entries of the file are meant', () => {
    for (const item of [
      '  - nmae: b\n    kind: registry.entry\n',
      '  - just words\n',
      '  - { name: "ü", kind: registry.entry }\n',
      '  -\n',
    ])
      expect(read(anIndex('ns', anEntry('aa'), item))).toMatchObject({
        unsure: 'all',
        entries: [{ id: 'ns:aa' }],
      });
  });

  test.each([
    ['a key that stands there twice', 'image: x\n    image: y', '8:5 the key `image` stands here twice'],
    ['a tag outside the core schema', 'image: !secret x', '7:20 the tag !secret is not supported'],
    [
      'a tag that YAML 1.1 knew',
      'image: !!binary eA==',
      '7:21 the tag tag:yaml.org,2002:binary is not supported',
    ],
    ['a list as a key', 'env: { [a]: b }', '7:12 a key is a plain word or text'],
    ['`__proto__`', 'env: { __proto__: x }', '7:12 `__proto__` is no usable key'],
    ['both command and args', 'command: a\n    args: [b]', '8:11 say either `command` or `args`'],
    ['a label that is ours', 'labels: { berth.id: x }', '7:25 labels that begin with `berth.` are reserved'],
    [
      'one port twice',
      'ports: [{ host: 1, container: 1 }, { host: 1, container: 2 }]',
      '7:48 port 1/tcp is published twice',
    ],
    [
      'no IP address',
      'ports: [{ host_ip: here, container: 1 }]',
      '7:24 `ports.0.host_ip` must be an IP address, not `here`',
    ],
    ['a missing field', 'stream: {}', '7:13 `stream.topic` is missing'],
    [
      'merge keys',
      'env: { <<: { A: b } }',
      '7:16 `env.<<` must be a text or a number or true or false, not a map',
    ],
  ])('is one with %s', (_name, field, expected) => {
    expect(said(one(field))).toContain(expected);
  });

  test('keys with the names of inherited properties are data', () => {
    expect(specOf(one('env: { constructor: a, toString: b, hasOwnProperty: c }'))).toEqual({
      env: { constructor: 'a', toString: 'b', hasOwnProperty: 'c' },
    });
    expect(said(one('constructor: x'))).toEqual(['7:5 unknown key `constructor`']);
  });

  test('aliases that multiply are stopped early', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[i]}`).join()}]`),
    ];
    const started = performance.now();
    expect(said(one(...bomb, 'command: *i')).join('\n')).toContain('are aliases multiplying?');
    expect(said(one('env: &x { A: *x }'))[0]).toMatch(/nested too deeply/);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe('an entry of others', () => {
  test('is ignored and listed when its kind or meta.type is unknown', () => {
    const text = anIndex(
      'ns',
      '  - { name: aa, kind: contract.definition, anything: [1] }\n',
      '  - { name: bb, kind: registry.entry, meta: { type: cron.job, x: 1 } }\n',
      anEntry('cc'),
    );
    const { entries, ignored, problems, unsure } = read(text);
    expect([entries.length, problems, unsure]).toEqual([1, [], new Set()]);
    expect(ignored).toEqual([
      { name: 'aa', kind: 'contract.definition', file: FILE, line: 4 },
      { name: 'bb', kind: 'registry.entry', meta_type: 'cron.job', file: FILE, line: 5 },
    ]);
  });

  test('that looks like a misspelt container is a warning with a did-you-mean, and keeps what it was', () => {
    const cases = [
      [
        anEntry('aa').replace('docker.container', 'docker.contaner'),
        '6:19 unknown meta.type `docker.contaner` (did you mean `docker.container`?); the entry is ignored',
      ],
      [
        anEntry('aa').replace('registry.entry', 'registry.entri'),
        '5:11 unknown kind `registry.entri` (did you mean `registry.entry`?); the entry is ignored',
      ],
      [
        anEntry('aa', 'image: x').replace('meta:', 'mate:'),
        '4:5 the entry has no `meta.type` and is ignored; for a container write `meta: { type: docker.container }`',
      ],
    ] as const;
    for (const [entry, message] of cases) {
      const reading = read(anIndex('ns', entry));
      expect(said(reading)).toEqual([message]);
      expect(reading).toMatchObject({
        unsure: new Set(['ns:aa']),
        problems: [{ level: 'warning' }],
        entries: [],
      });
    }
  });
});

describe('a file', () => {
  test.each([
    ['that does not parse', 'entries: [\n', /^2:1 flow sequence/],
    ['that is cut off inside a word', 'namespace: ns\nentries:\n  - name: "ca', /^3:14 .*closing "quote/],
    ['that is empty', '', /is empty; write `entries: \[\]`/],
    ['of comments alone', '# nothing\n', /is empty/],
    ['cut off after `entries:`', 'entries:\n', /^1:9 `entries` must be a list/],
    ['with a misspelt `entries`', 'entires: []\n', /^1:1 unknown key `entires` \(did you mean `entries`\?\)/],
    ['that is a list', '- a\n', /must be a map with `entries`/],
    ['of two documents', 'entries: []\n---\nentries: []\n', /only one YAML document/],
    ['with a bad namespace', 'namespace: "a b"\nentries: []\n', /^1:12 `namespace` must be words/],
    ['with an unquoted variable in braces', 'entries:\n  - { name: ${X} }\n', /in quotes\)$/],
    ['that is too large', ' '.repeat(1024 * 1024 + 1), /larger than 1 MiB/],
  ])('%s has a problem and says nothing about its entries', (_name, text, expected) => {
    const reading = read(text);
    expect(reading).toMatchObject({ entries: [], unsure: 'all' });
    expect(said(reading)[0]?.replace('undefined:undefined ', '')).toMatch(expected);
  });

  test('with no entries on purpose has no problem', () => {
    expect(read('entries: []\n')).toMatchObject({
      entries: [],
      problems: [],
      ignored: [],
      unsure: new Set(),
    });
  });

  test('is YAML 1.2 whatever it says of itself', () => {
    expect(specOf(read(`%YAML 1.1\n---\n${anIndex('ns', anEntry('aa', 'hostname: yes'))}`))).toEqual({
      hostname: 'yes',
    });
  });

  test('whose folder’s name is no namespace must say its own', () => {
    const reading = readEntries('entries: []', { file: '/srv/my shop/_index.yaml', environment: {} });
    expect(reading.problems[0]?.message).toContain('`my shop` is no namespace; write `namespace:`');
  });
});
