import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { containers } from '../../contracts/containers.ts';
import { ContractError, isContractError } from '../../contracts/contract-error.ts';
import { type App, createApp } from '../../src/app.ts';
import { connect } from '../../src/connect.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const run = promisify(execFile);
const PACKAGE = new URL('../../src/index.ts', import.meta.url).href;

test('the README’s example runs as it stands and prints what the container said', async () => {
  const { host } = await testEngine();
  await using folder = await aFolder();
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const example = /```ts\n(import [^`]*?createApp[^`]*?)```/s.exec(
    readme
      .replaceAll('`${ev.stream}: ${ev.line}`', "ev.stream + ': ' + ev.line")
      .replaceAll('`status: ${ev.status}`', "'status: ' + ev.status"),
  )?.[1];
  expect(example).toBeDefined();
  await folder.write('registry/_index.yaml', 'namespace: readme\nentries: []\n');
  const script = await folder.write(
    'example.mts',
    (example ?? '').replace("from 'berth'", `from '${PACKAGE}'`),
  );
  const { stdout } = await run(process.execPath, [script], {
    cwd: folder.path,
    env: { ...process.env, DOCKER_HOST: host, BERTH_STATE: `${folder.path}/state` },
    timeout: 100_000,
  });
  const lines = stdout.trim().split('\n');
  expect(lines).toContain('stdout: hello');
  expect(
    lines.indexOf('status: running') < 0 ||
      lines.indexOf('status: running') > lines.indexOf('status: starting'),
  ).toBe(true);
  expect(lines.at(-1)).toBe('status: stopped');
});

describe('an application with Berth in it', () => {
  let folder: Folder;
  let app: App;
  let engine: ReturnType<typeof rawEngine>;
  const made: string[] = [];

  beforeAll(async () => {
    const { host, socket_path } = await testEngine();
    engine = rawEngine(socket_path);
    folder = await aFolder();
    app = await createApp({ engine: host, state: folder.path });
  });
  afterAll(async () => {
    const docker = app.contract.open(containers);
    for (const id of made)
      await docker
        .delete({ id, wait: true, timeout: 0 })
        .catch((error: unknown) => expect(isContractError(error, 'not_found')).toBe(true));
    await app.close();
    await folder[Symbol.asyncDispose]();
  });

  const create = async (name: string, command: string, more: object = {}): Promise<string> => {
    const { id } = await app.contract
      .open(containers)
      .create({ image: 'busybox:latest', name, command, ...more });
    made.push(id);
    return id;
  };
  const until = async (events: AsyncIterable<BerthEvent>, type: string): Promise<BerthEvent[]> => {
    const seen: BerthEvent[] = [];
    for await (const event of events) {
      seen.push(event);
      if (event.type === type) break;
    }
    return seen;
  };

  test('a subscriber sees every line in order per stream, then the last status, then done, once', async () => {
    const stream = { topic: 'one' };
    await create('lib_one', 'for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done; exit 3', { stream });
    const seen = await until(app.process.listen('one'), 'done');
    const lines = (name: string): string[] =>
      seen.flatMap((event) => (event.type === 'log' && event.stream === name ? event.line : []));
    expect(lines('stdout')).toEqual([1, 2, 3, 4, 5].map((n) => `out ${n}`));
    expect(lines('stderr')).toEqual([1, 2, 3, 4, 5].map((n) => `err ${n}`));
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1));
    expect(seen.at(-2)).toMatchObject({
      type: 'status',
      status: 'failed',
      exit_code: 3,
      reason: { code: 'exited' },
    });
    expect(seen.at(-1)).toMatchObject({ type: 'done', status: 'failed', exit_code: 3 });
  });

  test('over the socket the same typed clients and the same events, also from the middle', async () => {
    const id = await create('lib_two', 'seq 1 50');
    const connection = await connect(app.socket ?? '');
    try {
      const docker = connection.contract.open('userspace.docker:containers');
      await eventually(async () => expect((await docker.get({ id })).status).toBe('stopped'));
      const { next_seq } = await docker.subscribe({ id, stream: { topic: 'two' }, from_seq: 1 });
      const all = await until(connection.process.listen('two'), 'done');
      expect(all.flatMap((event) => (event.type === 'log' ? event.line : []))).toEqual(
        Array.from({ length: 50 }, (_, index) => String(index + 1)),
      );
      expect(next_seq).toBe(all.length + 1);
      const rest = await until(connection.process.listen('two', { from_seq: 20 }), 'done');
      expect(rest).toEqual(all.slice(19));
      const page = await docker.logs({ id, tail: 3 });
      expect(page.lines.map(({ line }) => line)).toEqual(['48', '49', '50']);
    } finally {
      await connection.close();
    }
  });

  test('logs are read page by page by a cursor, of one stream or both, and after the container is gone', async () => {
    const docker = app.contract.open(containers);
    const id = await create('lib_three', 'seq 1 250; echo last >&2');
    await eventually(async () => expect((await docker.get({ id })).status).toBe('stopped'));
    await docker.delete({ id, wait: true });
    expect(await engine.container('lib_three')).toBeUndefined();
    expect(await docker.get({ id })).toMatchObject({ status: 'removed' });
    const read: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await docker.logs({
        id,
        stream: 'stdout',
        limit: 100,
        ...(cursor !== undefined && { cursor }),
      });
      read.push(...page.lines.map(({ line }) => line));
      cursor = page.has_more ? page.next_cursor : undefined;
    } while (cursor !== undefined);
    expect(read).toEqual(Array.from({ length: 250 }, (_, index) => String(index + 1)));
    expect((await docker.logs({ id, stream: 'stderr' })).lines).toMatchObject([
      { line: 'last', stream: 'stderr' },
    ]);
  });

  test('a repeated create of a name is a name_conflict, unless it says reuse or replace', async () => {
    const docker = app.contract.open(containers);
    const id = await create('lib_four', 'sleep 300', { stop_timeout: 0 });
    await eventually(async () => expect((await docker.get({ id })).status).toBe('running'));
    const again = { image: 'busybox:latest', name: 'lib_four', command: 'sleep 300', stop_timeout: 0 };
    await expect(docker.create(again)).rejects.toSatisfy((error: unknown) =>
      isContractError(error, 'name_conflict'),
    );
    expect(await docker.create({ ...again, if_exists: 'reuse' })).toMatchObject({ id });
    await expect(docker.create({ ...again, command: 'sleep 301', if_exists: 'reuse' })).rejects.toSatisfy(
      (error: unknown) => isContractError(error, 'name_conflict'),
    );
    const before = await engine.container('lib_four');
    expect(await docker.create({ ...again, command: 'sleep 301', if_exists: 'replace' })).toMatchObject({
      id,
    });
    await eventually(async () => {
      const now = await engine.container('lib_four');
      expect(now?.Id).not.toBe(before?.Id);
      expect(now?.State.Status).toBe('running');
    });
  });

  test('start: false only creates', async () => {
    const docker = app.contract.open(containers);
    const id = await create('lib_five', 'sleep 300', { start: false });
    await eventually(async () => expect((await docker.get({ id })).status).toBe('stopped'));
    expect((await engine.container('lib_five'))?.State.Status).toBe('created');
  });

  test('delete is convergent, by id and by name', async () => {
    const docker = app.contract.open(containers);
    const id = await create('lib_six', 'sleep 300', { stop_timeout: 0 });
    await docker.delete({ id: 'lib_six', wait: true });
    expect(await engine.container('lib_six')).toBeUndefined();
    expect(await docker.delete({ id })).toEqual({ id, status: 'removed' });
    await expect(docker.delete({ id: 'lib_never_was' })).rejects.toBeInstanceOf(ContractError);
  });

  test('an image that no registry has ends in failed and done, with the reason', async () => {
    await create('lib_seven', 'true', {
      image: '127.0.0.1:5000/library/nothing:1',
      stream: { topic: 'seven' },
    });
    const seen = await until(app.process.listen('seven'), 'done');
    expect(seen.at(-2)).toMatchObject({
      type: 'status',
      status: 'failed',
      reason: { code: 'image_not_found' },
    });
  });

  test('a container of somebody else is shown as not managed, and is not ours to delete', async () => {
    const docker = app.contract.open(containers);
    const { body } = await engine.ask('POST', '/containers/create?name=lib_foreign', {
      Image: 'busybox:latest',
      Cmd: ['sh', '-c', 'echo theirs; sleep 300'],
    });
    const { Id } = body as { Id: string };
    try {
      await engine.ask('POST', `/containers/${Id}/start`);
      expect(
        (await docker.list({ all: true, limit: 1000 })).containers.find(({ name }) => name === 'lib_foreign'),
      ).toMatchObject({ managed: false, status: 'running' });
      await eventually(async () =>
        expect((await docker.logs({ id: 'lib_foreign' })).lines).toMatchObject([{ line: 'theirs' }]),
      );
      await expect(docker.delete({ id: 'lib_foreign' })).rejects.toSatisfy((error: unknown) =>
        isContractError(error, 'not_ours'),
      );
      expect((await engine.container('lib_foreign'))?.State.Status).toBe('running');
    } finally {
      await engine.ask('DELETE', `/containers/${Id}?force=1`);
    }
  });

  test('a subscriber that acknowledged gets everything after its last ack again', async () => {
    const docker = app.contract.open(containers);
    const id = await create('lib_eight', 'seq 1 30', { stream: { reply_to: 'somebody', topic: 'eight' } });
    const connection = await connect(app.socket ?? '', { self: 'somebody' });
    const all = await until(connection.process.listen('eight'), 'done');
    await docker.ack({ id, stream: { reply_to: 'somebody', topic: 'eight' }, seq: 12 });
    await connection.close();
    const back = await connect(app.socket ?? '', { self: 'somebody' });
    expect(await until(back.process.listen('eight'), 'done')).toEqual(all.slice(12));
    await back.close();
  });
});
