import { expect, test } from 'vitest';
import { policyLines } from '../../src/compose/policy-lines.ts';
import { writeIndex } from '../../src/compose/write-index.ts';
import { readEntries } from '../../src/registry/read-entries.ts';
import { aProject } from './a-project.ts';

const SHOP = `services:
  # The shop itself.
  web:
    build: .
    ports: ["8080:80"]
    environment: {A: "costs $$5 \${B:-none}", HOME: }
    depends_on: {db: {condition: service_healthy}}
    volumes: [./src:/app:ro, data:/data]
    secrets: [token]
    labels: {com.docker.compose.project: no, mine: "1"}
  # Its database.
  # It wants care.
  db:
    image: postgres:16
    healthcheck: {test: pg_isready, interval: 1m30s}
    env_file: [db.env, {path: gone.env, required: false}]
    deploy: {resources: {limits: {memory: 64M}}}
volumes: {data: }
secrets: {token: {environment: TOKEN}}`;

test('an index is readable, keeps comments, and says what the Compose file said', async () => {
  const made = await aProject(
    { 'compose.yaml': SHOP, 'db.env': 'A=1' },
    { purpose: 'import', shown: (path) => path.replace('/srv/shop', '../..') },
  );
  expect(writeIndex(made, ['compose.yaml'])).toBe(`\
# From compose.yaml, by \`berth import\`.

version: "1.0"
namespace: shop
entries:
  - name: shop
    kind: registry.entry
    meta: { type: docker.group }
    network: none

  - name: default.network
    kind: registry.entry
    meta: { type: docker.network }
    network_name: shop_default

  - name: data.volume
    kind: registry.entry
    meta: { type: docker.volume }
    volume_name: shop_data

  # The shop itself.
  - name: web
    kind: registry.entry
    meta: { type: docker.container }
    group: shop
    image: shop-web:latest
    build: { context: ../.. }
    restart_policy: no
    init: false
    env:
      A: costs $$5 none
      HOME: \${HOME:-}
    depends_on:
      db: { condition: healthy }
    ports:
      - { host: 8080, container: 80 }
    networks: [ shop_default ]
    volumes:
      - { host: ../../src, container: /app, mode: ro }
      - { name: shop_data, container: /data }
    files:
      - target: /run/secrets/token
        content: \${TOKEN}
    labels: { mine: "1" }

  # Its database.
  # It wants care.
  - name: db
    kind: registry.entry
    meta: { type: docker.container }
    group: shop
    image: postgres:16
    restart_policy: no
    init: false
    env_file: [ ../../db.env ]
    health_check: { test: pg_isready, interval: 90 }
    networks: [ shop_default ]
    memory_limit: 64M
`);
});

test('what is written is read again as it was meant', async () => {
  const made = await aProject(
    {
      'compose.yaml': `services:
  web:
    image: a
    command: ["echo", "$$HOME $\${X} 100%", "yes", "1.10", "0755", "null", ""]
    environment: {A: "1.10", B: "no", C: "$$$$", D: "a: b # c", E: "line\\nline"}
    labels: {t: "true"}
    user: "0"`,
    },
    { purpose: 'import' },
  );
  const file = '/srv/shop/registry/_index.yaml';
  const read = readEntries(writeIndex(made, []), { file, environment: {} });
  expect(read.problems).toEqual([]);
  expect(read.entries[0]?.spec).toMatchObject({
    command: ['echo', '$HOME ${X} 100%', 'yes', '1.10', '0755', 'null', ''],
    env: { A: '1.10', B: 'no', C: '$$', D: 'a: b # c', E: 'line\nline' },
    labels: { t: 'true' },
    user: '0',
  });
});

test('the policy lines name all that opens the machine, and who needs it', async () => {
  const made = await aProject(`services:
  web:
    image: a
    privileged: true
    pid: host
    cap_add: [NET_ADMIN]
    devices: [/dev/fuse]
    sysctls: {net.core.somaxconn: 1}
    security_opt: [no-new-privileges:true, seccomp=unconfined]
    volumes: ["./src:/src:ro", "/var/run/docker.sock:/s", "data:/data"]
  db: {image: b, cap_add: [NET_ADMIN], network_mode: host, runtime: runsc}
volumes: {data: {driver_opts: {type: none, o: "bind,ro", device: /srv/data}}}`);
  expect(policyLines(made)).toBe(`\
# What these entries need beyond the defaults, and who needs it.
# For policy.yaml in the state folder; leave out what you do not want.

allow:
  binds:
    - { path: /srv/data, mode: rw } # shop_data
    - { path: /srv/shop/src, mode: ro } # web
    - { path: /var/run/docker.sock, mode: rw } # web
  privileged:
    - web
  capabilities:
    - NET_ADMIN # web, db
  devices:
    - /dev/fuse # web
  host_namespaces:
    - pid # web
    - network # db
  security_opt:
    - seccomp=unconfined # web
  sysctls:
    - net.core.somaxconn # web
  runtimes:
    - runsc # db
`);
  expect(policyLines(await aProject('services: {web: {image: a, ports: ["80:80"]}}'))).toBeUndefined();
});
