import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { ERRORS } from '../../contracts/errors.ts';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

test('create with bad input is one error that lists every bad field by path, with no row and no engine call', async () => {
  const { host } = await testEngine();
  await using berth = await aBerthFolder(host);
  await berth.up();
  const input = {
    image: 'a b',
    name: '../x',
    ports: [{ host: 70_000, container: 80 }],
    env: { 'A=B': 'x' },
    volumes: [{ host: 'data', container: '/data' }],
    nonsense: 1,
  };
  const { code, err } = await berth.run('call', 'containers', 'create', JSON.stringify(input));
  expect(code).toBe(ERRORS.invalid_input.exit);
  for (const path of ['image', 'name', 'ports.0.host', 'env', 'volumes.0.host', 'nonsense'])
    expect(err).toContain(path);
  expect(err).toContain('name: data');
  expect(await berth.ps()).toEqual([]);
});

test('a second daemon on the state folder refuses with the first one’s pid and its own exit code', async () => {
  const { host } = await testEngine();
  await using berth = await aBerthFolder(host);
  const first = await berth.up();
  const second = berth.spawn();
  expect(await second.ended).toBe(ERRORS.daemon_running.exit);
  expect(second.written.err).toContain(String(first.pid));
});

test('a database of a newer Berth is refused with its own message, and is left as it is', async () => {
  const { host } = await testEngine();
  await using berth = await aBerthFolder(host);
  const first = await berth.up();
  first.kill('SIGTERM');
  await first.ended;
  const database = new Database(join(berth.state, 'berth.db'));
  const table = database
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'",
    )
    .get();
  expect(table).toBeDefined();
  const columns = database
    .prepare<[], { name: string }>(`SELECT name FROM pragma_table_info('${table?.name ?? ''}')`)
    .all();
  const names = columns.map(({ name }) => name);
  database
    .prepare(
      `INSERT INTO ${table?.name ?? ''} (${names.join(', ')}) SELECT ${names.map((name) => (name === 'name' ? "'9999_future'" : name === 'number' || name === 'version' || name === 'id' ? '9999' : name)).join(', ')} FROM ${table?.name ?? ''} LIMIT 1`,
    )
    .run();
  database.close();
  const second = berth.spawn();
  expect(await second.ended).toBe(ERRORS.schema_newer.exit);
  expect(second.written.err).toMatch(/newer/);
});

test('an unreachable engine is one clear line and its own exit code for `plan`, while `up` waits for it', async () => {
  await using berth = await aBerthFolder('unix:///nowhere/docker.sock');
  await berth.write(
    '_index.yaml',
    'namespace: nowhere\nentries:\n  - name: nowhere_a\n    kind: registry.entry\n    meta: { type: docker.container }\n',
  );
  const planned = await berth.run('plan', berth.registry);
  expect(planned.code).toBe(ERRORS.engine_unreachable.exit);
  expect(planned.err.trim().split('\n')).toHaveLength(1);
  expect(planned.err).toContain('/nowhere/docker.sock');
});

test('the first signal ends Berth gracefully and keeps the containers; a second one ends it at once', async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using berth = await aBerthFolder(host);
  await berth.write(
    '_index.yaml',
    'namespace: signal\nentries:\n  - name: signal_a\n    kind: registry.entry\n    meta: { type: docker.container }\n    image: busybox:latest\n    command: sleep 3600\n    stop_timeout: 1\n',
  );
  const first = await berth.up();
  await berth.until('signal_a', ({ status }) => status === 'running');
  first.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect((await engine.container('signal_a'))?.State.Status).toBe('running');
  const second = await berth.up();
  second.kill('SIGSTOP');
  second.kill('SIGTERM');
  second.kill('SIGINT');
  second.kill('SIGCONT');
  expect(await second.ended).toBe(ERRORS.aborted.exit);
  expect(second.written.err).toContain('ended at once');
  expect((await engine.container('signal_a'))?.State.Status).toBe('running');
});

test('`down` on a folder where nothing ever ran says so', async () => {
  const { host } = await testEngine();
  await using berth = await aBerthFolder(host);
  const { code, out, err } = await berth.run('down');
  expect([code, out + err]).toEqual([0, expect.stringMatching(/Nothing to remove/)]);
});

test('the README’s exit codes are those of the error table', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  for (const exit of new Set(Object.values(ERRORS).map((row) => row.exit)))
    expect(readme).toMatch(new RegExp(`\\| ${exit}\\s+\\|`));
});
