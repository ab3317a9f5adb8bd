import { describe, expect, test } from 'vitest';
import { aProject, fieldsOf, problemsOf } from './a-project.ts';

const SHOP = `services:
  web: {image: a, depends_on: [db]}
  db: {image: b}
  admin: {image: c, profiles: [tools], depends_on: [db]}
  debug: {image: d, profiles: [tools, dev]}`;

const names = async (...given: Parameters<typeof aProject>): Promise<readonly string[]> =>
  (await aProject(...given)).entries
    .filter(({ type }) => type === 'docker.container')
    .map(({ entry }) => entry.name);

describe('the project’s name', () => {
  test.each<readonly [string, Parameters<typeof aProject>[1], string]>([
    ['services: {web: {image: a}}', {}, 'shop'],
    ['name: mine\nservices: {web: {image: a}}', {}, 'mine'],
    ['name: "${N:-given}"\nservices: {web: {image: a}}', {}, 'given'],
    ['name: mine\nservices: {web: {image: a}}', { variables: { COMPOSE_PROJECT_NAME: 'around' } }, 'around'],
    [
      'name: mine\nservices: {web: {image: a}}',
      { project: 'flag', variables: { COMPOSE_PROJECT_NAME: 'around' } },
      'flag',
    ],
    ['services: {web: {image: a}}', { folder: '/srv/My App_2.0!' }, 'myapp_20'],
  ])('of %j with %j is %s', async (text, more, expected) => {
    expect((await aProject(text, more)).project).toBe(expected);
  });

  test('comes from the .env, too, and can be used in the file', async () => {
    const texts = {
      'compose.yaml': 'services: {web: {image: "a:$COMPOSE_PROJECT_NAME"}}',
      '.env': 'COMPOSE_PROJECT_NAME=fromenv',
    };
    const made = await aProject(texts);
    expect(made.project).toBe('fromenv');
    expect(made.entries.at(-1)?.entry).toMatchObject({
      image: 'a:fromenv',
      container_name: 'fromenv-web',
      replicas: 1,
      group: 'fromenv',
    });
  });

  test('that Compose would not take is refused', async () => {
    expect(await problemsOf('services: {web: {image: a}}', { project: 'My App' })).toEqual([
      'error compose.yaml:1 name: `My App` is no project name; two or more small letters, digits, - and _; say one with -p NAME',
    ]);
  });
});

describe('variables', () => {
  test('come from the .env, below the environment; one that is not set is a warning', async () => {
    const texts = {
      'compose.yaml': 'services:\n  web:\n    image: "a:$TAG-$NONE"\n    environment: {B: "${B}"}',
      '.env': 'TAG=1\nB=file',
    };
    expect((await aProject(texts, { variables: { B: 'around' } })).entries.at(-1)?.entry).toMatchObject({
      image: 'a:1-',
      env: { B: 'around' },
    });
    expect(await problemsOf(texts)).toEqual([
      'warning compose.yaml:3 services.web image: the variable NONE is not set; an empty text is taken for it',
    ]);
  });

  test('of an env_file lie below what the service says, and a later file over an earlier one', async () => {
    const made = await fieldsOf({
      'compose.yaml': `services:
  web:
    image: a
    env_file: [one.env, {path: two.env, required: true}, {path: gone.env, required: false}]
    environment: {A: own}`,
      'one.env': 'A=1\nB=1\nC=1\nHOME',
      'two.env': 'B=2\nD=${B}$HOME',
    });
    expect(made['env']).toEqual({ A: 'own', B: '2', C: '1', D: '2/home/me', HOME: '/home/me' });
  });

  test('a file of them that is missing is an error, unless it need not be there', async () => {
    expect(await problemsOf('services: {web: {image: a, env_file: gone.env}}')).toEqual([
      'error compose.yaml:1 services.web env_file: there is no file /srv/shop/gone.env; make it, or say `required: false`',
    ]);
  });
});

describe('which services run', () => {
  test('those without a profile, and those of the profiles that are active', async () => {
    expect(await names(SHOP)).toEqual(['web', 'db']);
    expect(await names(SHOP, { profiles: ['dev'] })).toEqual(['web', 'db', 'debug']);
    expect(await names(SHOP, { variables: { COMPOSE_PROFILES: 'dev,tools' } })).toEqual([
      'web',
      'db',
      'admin',
      'debug',
    ]);
    expect(await names(SHOP, { profiles: ['*'] })).toEqual(['web', 'db', 'admin', 'debug']);
  });

  test('those that are named, with what they need; naming one activates it', async () => {
    expect(await names(SHOP, { services: ['db'] })).toEqual(['db']);
    expect(await names(SHOP, { services: ['web'] })).toEqual(['web', 'db']);
    expect(await names(SHOP, { services: ['admin'] })).toEqual(['db', 'admin']);
    expect(await problemsOf(SHOP, { services: ['gone'] })).toContain(
      'error compose.yaml:1 services.gone: there is no such service',
    );
  });

  test('and it is said why the others do not', async () => {
    const { left } = await aProject(SHOP, { services: ['db'] });
    expect([...left]).toEqual([
      ['web', 'its service was not named'],
      ['admin', 'its profile is not active'],
      ['debug', 'its profile is not active'],
    ]);
  });

  test('who waits for one that does not run is an error, unless it is not required', async () => {
    expect(
      await problemsOf(`services:
  web:
    image: a
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_started, required: false}
  db: {image: b, profiles: [x]}
  cache: {image: b, profiles: [x]}`),
    ).toEqual([
      'error compose.yaml:5 services.web depends_on.db: there is no service db, or none of the profiles that run; name its profile, or say `required: false`',
    ]);
  });
});

test('waiting is told in our words, and what is waited for to its end is a job', async () => {
  const text = `services:
  web:
    image: a
    depends_on:
      db: {condition: service_healthy, restart: true}
      migrate: {condition: service_completed_successfully}
      cache: {condition: service_started, required: false}
  migrate: {image: m, depends_on: [db]}
  db: {image: b}
  cache: {image: c}`;
  expect(await fieldsOf(text)).toMatchObject({
    depends_on: {
      db: { condition: 'healthy', restart: true },
      migrate: { condition: 'completed' },
      cache: { required: false },
    },
  });
  expect(await fieldsOf(text, 'migrate')).toMatchObject({ role: 'job', depends_on: { db: {} } });
});

test('networks have Compose’s names, aliases and addresses; the one of the highest priority comes first', async () => {
  const text = `services:
  web:
    image: a
    networks:
      front: {aliases: [www], ipv4_address: 10.9.0.5, priority: 10}
      back:
      theirs:
  db: {image: b, networks: [back]}
networks:
  front: {driver: bridge, internal: true, enable_ipv6: false, ipam: {config: [{subnet: 10.9.0.0/16, gateway: 10.9.0.1}]}, labels: [a=b]}
  back: {name: fixed}
  theirs: {external: true, name: shared}
  unused: {}`;
  const { entries, problems } = await aProject(text);
  expect(problems).toEqual([]);
  expect(entries.map(({ entry }) => entry.name)).toEqual([
    'shop',
    'back.network',
    'front.network',
    'web',
    'db',
  ]);
  const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.version': '2.26.1' };
  expect(entries[1]?.entry).toMatchObject({
    network_name: 'fixed',
    labels: { ...labels, 'com.docker.compose.network': 'back' },
  });
  expect(entries[2]?.entry).toMatchObject({
    network_name: 'shop_front',
    driver: 'bridge',
    internal: true,
    ipam: { config: [{ subnet: '10.9.0.0/16', gateway: '10.9.0.1' }] },
    labels: { a: 'b', ...labels, 'com.docker.compose.network': 'front' },
  });
  const { networks } = await fieldsOf(text);
  expect(networks).toEqual({
    shop_front: { aliases: ['www'], ipv4_address: '10.9.0.5' },
    fixed: {},
    shared: { external: true },
  });
  expect(Object.keys(networks as object)).toEqual(['shop_front', 'fixed', 'shared']);
  expect((await fieldsOf(text, 'db'))['networks']).toEqual(['fixed']);
});

test('named volumes have Compose’s names, and only those that are used are made', async () => {
  const text = `services:
  web: {image: a, volumes: ["one:/one", "two:/two:ro", "three:/three:nocopy", "ext:/ext"]}
volumes:
  one: {driver: local, driver_opts: {type: tmpfs, device: tmpfs}, labels: {a: b}}
  two: {name: fixed}
  three:
  ext: {external: true}
  unused:`;
  const { entries } = await aProject(text);
  expect(entries.map(({ entry }) => entry['volume_name'] ?? entry.name)).toEqual([
    'shop',
    'default.network',
    'shop_one',
    'shop_three',
    'fixed',
    'web',
  ]);
  expect(entries[2]?.entry).toMatchObject({ driver: 'local', options: { type: 'tmpfs', device: 'tmpfs' } });
  expect(await fieldsOf(text)).toMatchObject({
    volumes: [
      { name: 'shop_one', container: '/one' },
      { name: 'fixed', container: '/two', mode: 'ro' },
      { name: 'ext', container: '/ext', external: true },
    ],
    mounts: [{ type: 'volume', source: 'shop_three', target: '/three', volume: { nocopy: true } }],
  });
});

test('secrets of a build are files of this machine, under the name that the step asks for', async () => {
  const made = await fieldsOf(
    `services:
  web:
    build: {context: ., secrets: [pw, {source: pw, target: token}]}
secrets: {pw: {file: ./pw.txt}}`,
    'web',
  );
  expect(made['build']).toEqual({
    context: '/srv/shop',
    secrets: [
      { id: 'pw', file: '/srv/shop/pw.txt' },
      { id: 'token', file: '/srv/shop/pw.txt' },
    ],
  });
});

test('secrets and configs are files: of this machine mounted read-only, of a text put there', async () => {
  const made = await fieldsOf(
    `services:
  web:
    image: a
    secrets: [pw, {source: token, target: t, mode: 0400, uid: "7", gid: "8"}, {source: pw, target: /abs}]
    configs: [conf, {source: text, target: /etc/text, mode: 0440}]
secrets:
  pw: {file: ./pw.txt}
  token: {environment: TOKEN}
configs:
  conf: {file: ./conf.ini}
  text: {content: "a=$$1 $TOKEN"}`,
    'web',
    { variables: { TOKEN: 's3cret' } },
  );
  expect(made).toMatchObject({
    volumes: [
      { host: '/srv/shop/pw.txt', container: '/run/secrets/pw', mode: 'ro' },
      { host: '/srv/shop/pw.txt', container: '/abs', mode: 'ro' },
      { host: '/srv/shop/conf.ini', container: '/conf', mode: 'ro' },
    ],
    files: [
      { target: '/run/secrets/t', content: 's3cret', mode: 0o400, uid: 7, gid: 8 },
      { target: '/etc/text', content: 'a=$1 s3cret', mode: 0o440 },
    ],
  });
});

test('what services share is the container that the service is', async () => {
  const text = `services:
  web:
    image: a
    network_mode: service:db
    ipc: service:db
    pid: service:db
    volumes_from: ["db:ro"]
  app: {image: a, links: [db, "db:database"]}
  db: {image: b, container_name: fixed}`;
  expect(await fieldsOf(text)).toMatchObject({
    network_mode: 'container:fixed',
    ipc: 'container:fixed',
    pid: 'container:fixed',
    volumes_from: ['fixed:ro'],
  });
  expect(await fieldsOf(text, 'app')).toMatchObject({
    links: ['fixed:db', 'fixed:db-1', 'fixed:fixed', 'fixed:database'],
    depends_on: { db: { restart: true } },
  });
});

test('containers carry the labels that Compose finds them by, and no user’s label is put over them', async () => {
  const made = await aProject(`services:
  web:
    image: a
    labels: {mine: 1, com.docker.compose.project: stolen}
    depends_on: {db: {condition: service_healthy, restart: true}}
  db: {image: b}`);
  const web = made.entries.find(({ entry }) => entry.name === 'web')?.entry;
  expect(web?.['labels']).toEqual({
    mine: '1',
    'com.docker.compose.project': 'shop',
    'com.docker.compose.service': 'web',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.version': '2.26.1',
    'com.docker.compose.config-hash': expect.stringMatching(/^[0-9a-f]{64}$/),
    'com.docker.compose.depends_on': 'db:service_healthy:true',
    'com.docker.compose.project.working_dir': '/srv/shop',
    'com.docker.compose.project.config_files': '/srv/shop/compose.yaml',
  });
  expect(made.problems).toMatchObject([
    { level: 'warning', part: 'services.web', key: 'labels', place: { line: 4 } },
  ]);
});

test('the hash among them is another one when the service is, not when its waits or its number are', async () => {
  const hashOf = async (text: string): Promise<unknown> => {
    const { entries } = await aProject(text);
    const labels = entries.find(({ entry }) => entry.name === 'web')?.entry['labels'];
    return (labels as Readonly<Record<string, string>>)['com.docker.compose.config-hash'];
  };
  const first = await hashOf('services: {web: {image: a, user: b}, db: {image: b}}');
  expect(
    await hashOf('services: {web: {user: b, image: a, depends_on: [db], scale: 2}, db: {image: b}}'),
  ).toBe(first);
  expect(await hashOf('services: {web: {image: a, user: c}, db: {image: b}}')).not.toBe(first);
});

describe('what cannot be taken is one report', () => {
  test('with the service, the key, the place and what to do instead; the rest of it is made all the same', async () => {
    const text = `version: "3.8"
services:
  web:
    image: a
    credential_spec: {file: x}
    develop: {watch: []}
    deploy:
      placement: {constraints: [a]}
      mode: global
      rollback_config: {order: stop-first}
    ports: ["8000-9000:80", "x"]
    external_links: [other]
    build:
      context: https://example.com/x.git
      secrets: [a, env]
      ssh: [default]
      network: backend
    volumes: ["gone:/x", {type: npipe, source: a, target: /b}]
    networks: [gone]
    secrets: [{source: pw, mode: 0400}, ext, nothing]
secrets: {pw: {file: pw}, ext: {external: true}, env: {environment: TOKEN}}`;
    expect((await problemsOf(text)).toSorted()).toEqual([
      'error compose.yaml:11 services.web ports.0: one of the ports 8000-9000, whichever is free, cannot be asked for; one port, or none: then the engine picks one that is free',
      'error compose.yaml:11 services.web ports.1: `x` is no port; write HOST:CONTAINER, like "8080:80" or "127.0.0.1:8080:80/udp"',
      'error compose.yaml:12 services.web external_links: is not taken; put both on one network; there they know each other by name',
      'error compose.yaml:14 services.web build.context: a context is a folder of this machine; fetch https://example.com/x.git first, and name its folder',
      'error compose.yaml:15 services.web build.secrets.0: there is no a among the file’s `secrets`',
      'error compose.yaml:15 services.web build.secrets.1: env is in no file, and would have to be kept for the build; say `file:`, or build it by `berth image build --secret …`, and name the image',
      'error compose.yaml:16 services.web build.ssh: is not taken; build it by `docker build --ssh …`, and name the image',
      'error compose.yaml:17 services.web build.network: steps cannot join backend; default, none or host',
      'error compose.yaml:18 services.web volumes.0: the volume gone is not among the file’s `volumes`; write `volumes: { gone: {} }` at the top, or ./gone for a folder',
      'error compose.yaml:18 services.web volumes.1: a mount of the type npipe is not taken; bind, volume or tmpfs',
      'error compose.yaml:19 services.web networks.gone: the network gone is not among the file’s `networks`; write `networks: { gone: {} }` at the top',
      'error compose.yaml:20 services.web secrets.2: there is no nothing among the file’s `secrets`',
      'error compose.yaml:20 services.web secrets: ext is external: there is nothing that keeps it without a Swarm; say `file:` or `environment:`',
      'error compose.yaml:5 services.web credential_spec: is of Windows; leave it out',
      'error compose.yaml:9 services.web deploy.mode: `global` is not taken; `replicated`, with `replicas`',
      'note compose.yaml:6 services.web develop: is for `docker compose watch`; a changed context is built anew by itself',
      'note compose.yaml:8 services.web deploy.placement: means something in a Swarm only',
      'warning compose.yaml:10 services.web deploy.rollback_config: is not taken: a rollback goes as the update went',
      'warning compose.yaml:20 services.web secrets.0: uid, gid and mode mean nothing for a file, which is mounted as it is; give the file itself the owner and mode',
    ]);
  });

  test('what Compose would refuse is refused, each with its place and a guess', async () => {
    expect(
      await problemsOf(`services:
  web:
    image: a
    enviroment: {A: 1}
    ports: {a: b}
    restart: sometimes
    healthcheck: {intervall: 1s, timeout: soon}
    depends_on: {db: {condition: service_happy}}
networks: {a: {drver: x}}
volums: {}`),
    ).toEqual([
      'error compose.yaml:4 services.web enviroment: Compose knows no such key (did you mean `environment`?)',
      'error compose.yaml:5 services.web ports: must be a list, not a map',
      'error compose.yaml:7 services.web healthcheck.timeout: must be a time like 1m30s, not `soon`',
      'error compose.yaml:7 services.web healthcheck.intervall: Compose knows no such key',
      'error compose.yaml:8 services.web depends_on.db.condition: must be one of service_started, service_healthy, service_completed_successfully, not `service_happy`',
      'error compose.yaml:9 networks.a drver: Compose knows no such key',
      'error compose.yaml:10 volums: Compose knows no such key (did you mean `volumes`?)',
    ]);
  });

  test('what an entry would refuse is said of the key that it comes of', async () => {
    expect(
      await problemsOf(`services:
  web:
    image: a
    hostname: -bad-
    cpus: 1
    cpu_quota: 50000
    sysctls: {nonsense: 1}`),
    ).toEqual([
      'error compose.yaml:4 services.web hostname: must be a host name',
      'error compose.yaml:7 services.web sysctls.nonsense: a name like net.core.somaxconn',
    ]);
  });

  test('a missing file, and a file without services', async () => {
    expect(await problemsOf({}, { files: ['compose.yaml'] })).toEqual([
      'error compose.yaml:1 : there is no such file',
      'error compose.yaml:1 services: there are no services in it',
    ]);
  });
});
