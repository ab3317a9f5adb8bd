import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DeclaredEntry } from '../../src/registry/entry.ts';
import { type Scan, scan } from '../../src/registry/scan.ts';
import { aFolder } from '../support/a-folder.ts';
import { anEntry, anIndex } from './an-index.ts';

/** What a registry of these files says; `shop/_index.yaml` when only a text is given. */
async function read(files: string | Record<string, string>): Promise<Scan> {
  await using folder = await aFolder();
  for (const [path, text] of Object.entries(
    typeof files === 'string' ? { 'shop/_index.yaml': files } : files,
  ))
    await folder.write(path, text);
  // Not before it has ended may the folder go.
  return await scan({ roots: [folder.path], kept: [], running: [], environment: {}, now: 0 });
}

const specs = ({ entries }: Scan): Record<string, DeclaredEntry['spec']> =>
  Object.fromEntries(entries.map(({ id, spec }) => [id, spec]));
const said = ({ problems }: Scan): string[] =>
  problems.map(({ line, column, entry, message }) => `${line}:${column} ${entry}: ${message}`);
const shop = (...entries: string[]): Promise<Scan> => read(anIndex('shop', ...entries));
const aMap = (...more: string[]): string =>
  anEntry('main', ...more).replace('docker.container', 'docker.map');

describe('templates', () => {
  test('are put below what extends them: values overridden, lists united, maps merged by key', async () => {
    const seen = await shop(
      anEntry(
        'base',
        'abstract: true',
        'image: a:1',
        'command: [serve, --slow]',
        'env: { A: base, B: base }',
        'ports: [{ container: 80 }, { host: 5353, container: 53, protocol: udp }]',
        'volumes: [{ name: data, container: /data }]',
        'dns: [1.1.1.1]',
        'labels: { of: base }',
        'memory_limit: 64m',
      ),
      anEntry('logged', 'abstract: true', 'env: { B: logged, C: logged }', 'memory_limit: 32m'),
      anEntry(
        'web',
        'extends: [base, shop:logged]',
        'args: [--fast]',
        'env: { A: web }',
        'ports: [{ host: 8080, container: 80 }, { container: 443 }]',
        'volumes: [{ name: mine, container: /data, mode: ro }]',
        'dns: [1.1.1.1, 9.9.9.9]',
      ),
    );
    expect(said(seen)).toEqual([]);
    expect(specs(seen)).toEqual({
      'shop:web': {
        image: 'a:1',
        args: ['--fast'],
        env: { A: 'web', B: 'logged', C: 'logged' },
        ports: [
          { host: 5353, container: 53, protocol: 'udp' },
          { host: 8080, container: 80 },
          { container: 443 },
        ],
        volumes: [{ name: 'mine', container: '/data', mode: 'ro' }],
        dns: ['1.1.1.1', '9.9.9.9'],
        labels: { of: 'base' },
        memory_limit: 33554432,
      },
    });
  });

  test('may be of another file, and be templates of templates', async () => {
    const seen = await read({
      'one/_index.yaml': anIndex('one', anEntry('base', 'abstract: true', 'image: a:1', 'user: 5')),
      'two/_index.yaml': anIndex(
        'two',
        anEntry('mid', 'abstract: true', 'extends: one:base', 'env: { X: mid }'),
        anEntry('web', 'extends: mid', 'group: site'),
      ),
    });
    expect(said(seen)).toEqual([]);
    expect(seen.entries).toMatchObject([
      { id: 'two:web', group: 'site', spec: { image: 'a:1', user: '5', env: { X: 'mid' } } },
    ]);
  });

  test('that are missing, extend themselves or do not fit together are told at their place, and hold their rows', async () => {
    const seen = await shop(
      anEntry('aa', 'extends: bb'),
      anEntry('bb', 'extends: [cc]', 'abstract: true'),
      anEntry('cc', 'extends: [aa]'),
      anEntry('dd', 'extends: bass'),
      anEntry('bass2', 'abstract: true', 'memory_swap: 64m'),
      anEntry('ee', 'extends: bass2', 'image: x'),
      anEntry('ff', 'extends: gg'),
      anEntry('gg', 'imagine: x'),
    );
    expect(said(seen)).toEqual([
      expect.stringMatching(/^38:5 shop:gg: unknown key `imagine`/),
      '7:14 shop:aa: bb, which it extends, cannot be put together itself; mend that',
      '11:15 shop:bb: cc, which it extends, cannot be put together itself; mend that',
      '16:15 shop:cc: it extends itself: aa → bb → cc → aa; take one of them out',
      '20:14 shop:dd: nothing is called bass that it could extend (did you mean `bass2`?); declare it, with `abstract: true` when it is not to run',
      '26:1 shop:ee: put together, `memory_swap`: needs a `memory_limit`',
      '34:14 shop:ff: gg, which it extends, has an error itself; mend that',
    ]);
    expect(seen.entries).toEqual([]);
    expect([...seen.hold.ids.keys()].toSorted()).toEqual(
      ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg'].map((name) => `shop:${name}`),
    );
  });
});

describe('instances', () => {
  test('are containers of one entry, each with what it says otherwise', async () => {
    const seen = await shop(
      anEntry(
        'web',
        'image: a:1',
        'env: { A: x }',
        'instances: { east: , west: { env: { B: y }, ports: [{ host: 81, container: 80 }] } }',
      ),
      anEntry('proxy', 'depends_on: { web: { condition: healthy } }', 'instances: [one]'),
    );
    expect(said(seen)).toEqual([]);
    expect(seen.entries).toMatchObject([
      { id: 'shop:web-east', container_name: 'web-east', spec: { image: 'a:1', env: { A: 'x' } } },
      {
        id: 'shop:web-west',
        container_name: 'web-west',
        spec: { env: { A: 'x', B: 'y' }, ports: [{ host: 81 }] },
      },
      {
        id: 'shop:proxy-one',
        spec: { depends_on: { 'web-east': { condition: 'healthy' }, 'web-west': { condition: 'healthy' } } },
      },
    ]);
  });
});

describe('a map', () => {
  const words = aMap(
    'host_root: /srv/site',
    'volumes:',
    '  nginx_config: /etc/nginx',
    '  nginx_log: /var/log/nginx',
    '  uwsgi_socket: { path: /var/lib/uwsgi/socket, permissions: "0770" }',
    '  app_data: /var/lib/app/data',
    '  app_log: { path: /var/log/app, driver: local, options: { type: tmpfs, device: tmpfs }, name: logs }',
    'host: { nginx_config: config/nginx, app_data: /data/app }',
  );

  test('makes volumes and dependencies of aliases: a user sees only what it uses', async () => {
    const seen = await shop(
      words,
      anEntry(
        'nginx',
        'image: nginx',
        'binds: { nginx_config: ro }',
        'uses: uwsgi_socket',
        'attaches: nginx_log',
      ),
      anEntry(
        'uwsgi',
        'binds: [app_data]',
        'attaches: [app_log, uwsgi_socket]',
        'shares: /var/cache/app',
        'user: 2000',
        'permissions: u=rwX,g=rX,o=',
      ),
      anEntry('logs', 'uses: [{ uwsgi: ro }]'),
      anEntry('one', 'uses: uwsgi.app_log'),
    );
    expect(said(seen)).toEqual([]);
    expect(specs(seen)).toEqual({
      'shop:nginx': {
        image: 'nginx',
        volumes: [
          { host: '/srv/site/config/nginx', container: '/etc/nginx', mode: 'ro' },
          { name: 'main.nginx_log', container: '/var/log/nginx' },
          { name: 'main.uwsgi_socket', container: '/var/lib/uwsgi/socket' },
        ],
        depends_on: { 'shop:uwsgi': {} },
      },
      'shop:uwsgi': {
        user: '2000',
        volumes: [
          { host: '/data/app', container: '/var/lib/app/data' },
          { name: 'logs', container: '/var/log/app', owner: '2000', permissions: 'u=rwX,g=rX,o=' },
          {
            name: 'main.uwsgi_socket',
            container: '/var/lib/uwsgi/socket',
            owner: '2000',
            permissions: '0770',
          },
          { name: 'uwsgi.var-cache-app', container: '/var/cache/app' },
        ],
      },
      'shop:logs': {
        volumes: [
          { name: 'logs', container: '/var/log/app', mode: 'ro' },
          { name: 'main.uwsgi_socket', container: '/var/lib/uwsgi/socket', mode: 'ro' },
          { name: 'uwsgi.var-cache-app', container: '/var/cache/app', mode: 'ro' },
        ],
        depends_on: { 'shop:uwsgi': {} },
      },
      'shop:one': {
        volumes: [{ name: 'logs', container: '/var/log/app' }],
        depends_on: { 'shop:uwsgi': {} },
      },
    });
    expect(seen.resources).toMatchObject([
      {
        resource: 'volume',
        resource_name: 'logs',
        settings: { driver: 'local', options: { type: 'tmpfs' } },
      },
    ]);
  });

  test('is asked for every alias, and what it lacks is told with its place, all at once', async () => {
    const seen = await shop(
      words,
      anEntry('aa', 'binds: { nginx_confg: ro, nginx_log: rw }', 'attaches: [uwsgi_socket]'),
      anEntry('bb', 'attaches:', '  - app_log', '  - uwsgi_socket', 'uses: [nginx_log, aa.app_log]'),
      anEntry('cc', 'uses: dd'),
      anEntry('dd', 'image: x'),
    );
    expect(said(seen)).toEqual([
      expect.stringMatching(/^18:14 shop:aa: the alias nginx_confg is defined nowhere.*nginx_config.*main/),
      expect.stringMatching(
        /^18:31 shop:aa: the alias nginx_log has no path of this machine; say it below `host`/,
      ),
      expect.stringMatching(/^25:9 shop:bb: the volume uwsgi_socket is attached by aa, too/),
      expect.stringMatching(/^26:12 shop:bb: nobody attaches nginx_log/),
      expect.stringMatching(/^26:23 shop:bb: aa does not attach app_log/),
      expect.stringMatching(/^30:11 shop:cc: dd shares nothing/),
    ]);
    expect(seen.entries.map(({ id }) => id)).toEqual(['shop:dd']);
    expect(said(await shop(anEntry('aa', 'attaches: log')))).toEqual([
      expect.stringMatching(/^7:15 shop:aa: .*the namespace shop has no entry of `meta.type: docker.map`/),
    ]);
  });

  test.each([
    ['web', {}, 'web'],
    ['web', { default_tag: '2' }, 'web:2'],
    ['web:1', { default_tag: '2' }, 'web:1'],
    ['web', { repository: 'reg:5000/team' }, 'reg:5000/team/web'],
    ['web', { repository: 'reg:5000', default_tag: '2' }, 'reg:5000/web:2'],
    ['web:1', { repository: 'reg' }, 'reg/web:1'],
    ['/web', { repository: 'reg', default_tag: '2' }, 'web:2'],
    ['/lib/web:1', { repository: 'reg' }, 'lib/web:1'],
    ['lib/web', { repository: 'reg', default_tag: '2' }, 'lib/web:2'],
    ['other:5000/web', { repository: 'reg', default_tag: '2' }, 'other:5000/web:2'],
    [`web@sha256:${'a'.repeat(64)}`, { default_tag: '2' }, `web@sha256:${'a'.repeat(64)}`],
  ])('means by the image %s with %j the image %s', async (image, defaults, expected) => {
    const lines = Object.entries(defaults).map(([key, value]) => `${key}: "${value}"`);
    const declared = anEntry('pulled', `image: "${image}"`).replace('docker.container', 'docker.image');
    const seen = await shop(aMap('host: {}', ...lines), anEntry('any', `image: "${image}"`), declared);
    const images = [seen.entries[0]?.spec.image, seen.resources[0]?.resource_name];
    expect([said(seen), ...images]).toEqual([[], expected, expected]);
  });

  test('with a repository gives an entry without an image the image of its name', async () => {
    const seen = await shop(
      aMap('repository: reg:5000', 'default_tag: "2"'),
      anEntry('web', 'instances: [a]'),
      anEntry('other', 'container_name: elsewhere'),
    );
    expect(seen.entries.map(({ spec }) => spec.image)).toEqual(['reg:5000/web:2', 'reg:5000/other:2']);
  });
});

test('what a registry says is kept and read again as it was', async () => {
  const text = anIndex(
    'shop',
    aMap('volumes: { sock: /s }', 'repository: reg:5000'),
    anEntry('base', 'abstract: true', 'image: a:1'),
    anEntry('web', 'extends: base', 'attaches: sock', 'instances: [x]'),
  );
  await using folder = await aFolder();
  await folder.write('shop/_index.yaml', text);
  const request = { roots: [folder.path], kept: [], running: [], environment: {}, now: 0 };
  const first = await scan(request);
  await folder.write('shop/_index.yaml', `${text}  - {`);
  const again = await scan({ ...request, kept: first.put });
  expect(first.entries).toHaveLength(1);
  expect(again.entries).toEqual(first.entries);
  expect(resolve(first.entries[0]?.file ?? '')).toBe(resolve(folder.path, 'shop/_index.yaml'));
});
