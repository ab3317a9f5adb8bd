import { describe, expect, test } from 'vitest';
import { aProject, fieldsOf, problemsOf } from './a-project.ts';

const over = (base: string, other: string, name = 'web') =>
  fieldsOf({ 'compose.yaml': base, 'more.yaml': other }, name, { files: ['compose.yaml', 'more.yaml'] });

describe('a later file lies over an earlier one', () => {
  test('texts are replaced, maps unite, lists follow each other, what is keyed is replaced by its key', async () => {
    const made = await over(
      `services:
  web:
    image: a
    command: one two
    entrypoint: [x]
    environment: {A: 1, B: 1}
    labels: [l=1]
    ports: ["80:80", "90:90"]
    volumes: ["./a:/a", "data:/data"]
    dns: [1.1.1.1]
    cap_add: [NET_ADMIN]
    healthcheck: {test: [CMD, a], interval: 1s}
    logging: {driver: local, options: {max-size: 1m}}
volumes: {data: }`,
      `services:
  web:
    image: b
    command: [three]
    environment: [B=2, C=3]
    labels: {l: 2, m: 3}
    ports: ["80:80", "91:91"]
    volumes: ["/z:/a:ro"]
    dns: 2.2.2.2
    cap_add: [NET_ADMIN, SYS_TIME]
    healthcheck: {test: [CMD, b]}
    logging: {driver: json-file, options: {max-file: 2}}`,
    );
    expect(made).toMatchObject({
      image: 'b',
      command: ['three'],
      entrypoint: ['x'],
      env: { A: '1', B: '2', C: '3' },
      labels: { l: '2', m: '3' },
      ports: [
        { host: 80, container: 80 },
        { host: 90, container: 90 },
        { host: 91, container: 91 },
      ],
      volumes: [
        { host: '/z', container: '/a', mode: 'ro' },
        { name: 'shop_data', container: '/data' },
      ],
      dns: ['1.1.1.1', '2.2.2.2'],
      cap_add: ['NET_ADMIN', 'SYS_TIME'],
      health_check: { test: ['CMD', 'b'], interval: 1 },
      logging: { driver: 'json-file', options: { 'max-file': '2' } },
    });
  });

  test('`!reset` takes away, and `!override` replaces, what was said before', async () => {
    const made = await over(
      `services:
  web: {image: a, ports: ["80:80"], environment: {A: 1, B: 1}, command: x, user: me}`,
      `services:
  web:
    ports: !override ["90:90"]
    environment: {A: !reset null, C: 1}
    command: !reset null
    user: !reset ""`,
    );
    expect(made).toMatchObject({ ports: [{ host: 90, container: 90 }], env: { B: '1', C: '1' } });
    expect(made).not.toHaveProperty('command');
    expect(made).not.toHaveProperty('user');
  });

  test('a null says nothing, but in the environment', async () => {
    const made = await over(
      'services: {web: {image: a, command: x, environment: {A: 1, HOME: 1}}}',
      'services: {web: {command: , environment: {A: , HOME: }}}',
    );
    expect(made).toMatchObject({ command: ['x'], env: { HOME: '/home/me' } });
  });

  test('its services, networks and volumes are added; paths begin at the first file’s folder', async () => {
    const { entries, folder } = await aProject(
      {
        'compose.yaml': 'services: {web: {image: a}}',
        'deep/more.yaml': 'services: {db: {image: b, volumes: ["./d:/d", "v:/v"]}}\nvolumes: {v: }',
      },
      { files: ['compose.yaml', 'deep/more.yaml'] },
    );
    expect(folder).toBe('/srv/shop');
    expect(entries.map(({ entry }) => entry.name)).toEqual([
      'shop',
      'default.network',
      'v.volume',
      'web',
      'db',
    ]);
    expect(entries.at(-1)?.entry).toMatchObject({
      volumes: [
        { host: '/srv/shop/d', container: '/d' },
        { name: 'shop_v', container: '/v' },
      ],
    });
  });
});

describe('a service extends another', () => {
  test('of the same file, over several steps, with what it says itself over it', async () => {
    const made = await fieldsOf(`services:
  base: {image: a, environment: {A: 1, B: 1}, cap_add: [KILL]}
  middle: {extends: base, environment: {B: 2}}
  web: {extends: {service: middle}, image: c, environment: [C=3], cap_add: [CHOWN]}`);
    expect(made).toMatchObject({ image: 'c', env: { A: '1', B: '2', C: '3' }, cap_add: ['KILL', 'CHOWN'] });
  });

  test('of another file, whose paths begin at its own folder', async () => {
    const made = await fieldsOf({
      'compose.yaml':
        'services: {web: {extends: {file: common/base.yaml, service: app}, volumes: ["./w:/w"]}}',
      'common/base.yaml':
        'services: {app: {extends: root, build: ., env_file: app.env, volumes: ["./a:/a"]}, root: {user: me}}',
      'common/app.env': 'X=1',
    });
    expect(made).toMatchObject({
      user: 'me',
      env: { X: '1' },
      build: { context: '/srv/shop/common' },
      volumes: [
        { host: '/srv/shop/common/a', container: '/a' },
        { host: '/srv/shop/w', container: '/w' },
      ],
    });
  });

  test('and resets what it does not want of it', async () => {
    const made = await fieldsOf(`services:
  base: {image: a, ports: ["80:80"], privileged: true}
  web: {extends: base, ports: !override ["81:81"], privileged: !reset false}`);
    expect(made).toMatchObject({ ports: [{ host: 81, container: 81 }] });
    expect(made).not.toHaveProperty('privileged');
  });

  test('a circle, a missing service and a missing file are said with their places', async () => {
    expect(
      await problemsOf(`services:
  a: {image: x, extends: b}
  b: {extends: a}
  c: {image: x, extends: gone}
  d: {image: x, extends: {file: gone.yaml, service: x}}`),
    ).toEqual([
      'error compose.yaml:2 services.a extends: extends itself: a → b → a',
      'error compose.yaml:3 services.b extends: extends itself: b → a → b',
      'error compose.yaml:4 services.c extends: there is no service gone in /srv/shop/compose.yaml',
      'error compose.yaml:5 services.d extends: there is no file /srv/shop/gone.yaml',
    ]);
  });
});

describe('a file includes others', () => {
  test('each with its own folder and its own variables', async () => {
    const { entries, problems } = await aProject({
      'compose.yaml': 'include: [db/compose.yaml]\nservices: {web: {image: a, depends_on: [db]}}',
      'db/compose.yaml': 'services: {db: {image: "b:${TAG}", volumes: ["./d:/d"]}}',
      'db/.env': 'TAG=7',
    });
    expect(problems).toEqual([]);
    expect(entries.find(({ entry }) => entry.name === 'db')?.entry).toMatchObject({
      image: 'b:7',
      container_name: 'shop-db',
      volumes: [{ host: '/srv/shop/db/d', container: '/d' }],
    });
  });

  test('what both say is a clash', async () => {
    expect(
      await problemsOf({
        'compose.yaml': 'include:\n  - path: other.yaml\nservices: {web: {image: a}}',
        'other.yaml': 'services: {web: {image: b}}',
      }),
    ).toEqual([
      'error compose.yaml:2 services.web: services.web is said here and in what is included; give one of them another name; to change what is included, name both files with -f',
    ]);
  });

  test('itself: that is said', async () => {
    expect(await problemsOf('include: [compose.yaml]\nservices: {web: {image: a}}')).toEqual([
      'error compose.yaml:1 include: includes itself: /srv/shop/compose.yaml → /srv/shop/compose.yaml',
    ]);
  });
});

describe('YAML’s own means are heard', () => {
  test('anchors, aliases, merge keys and x- keys', async () => {
    const made = await fieldsOf(`x-env: &env {A: 1, B: 1}
x-more: &more {restart: always, init: true}
services:
  web:
    <<: [*more, {init: false, user: me}]
    image: a
    environment: {<<: *env, B: 2}`);
    expect(made).toMatchObject({ restart_policy: 'always', init: true, user: 'me', env: { A: '1', B: '2' } });
  });

  test.each([
    [
      'services: {web: {image: a, image: b}}',
      'error compose.yaml:1 services.web image: `image` stands here twice',
    ],
    [
      'services: {web: {image: *gone}}',
      'error compose.yaml:1 services.web image: nothing before it has the anchor &gone',
    ],
    ['services: {web: "open', /^error compose.yaml:1 : /],
    ['[1]', 'error compose.yaml:1 : a Compose file is a map with `services`'],
    [
      'services: {web: {image: !wrong a}}',
      'error compose.yaml:1 services.web image: the tag !wrong is not known to Compose',
    ],
  ])('%j is refused', async (text, expected) => {
    const [first] = await problemsOf(text);
    if (typeof expected === 'string') expect(first).toBe(expected);
    else expect(first).toMatch(expected);
  });

  test('aliases that multiply are bounded', async () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let at = 0; at < 8; at++) {
      const [one, next] = [String.fromCharCode(97 + at), String.fromCharCode(98 + at)];
      bomb.push(
        `${next}: &${next} [*${one},*${one},*${one},*${one},*${one},*${one},*${one},*${one},*${one}]`,
      );
    }
    const said = await problemsOf(`x-bomb:\n  ${bomb.join('\n  ')}\nservices: {web: {image: a}}`);
    expect(said.join('\n')).toContain('too much, or too deep, for a Compose file');
  });
});
