import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEALTHS, STATUSES } from '../../contracts/events.ts';
import { JOURNAL_MIGRATIONS, type Migration, STORE_MIGRATIONS } from '../../migrations/index.ts';
import { DESIRED_STATES } from '../../src/plan/desired.ts';
import { canMove } from '../../src/plan/transitions.ts';
import { openConnection } from '../../src/store/connection.ts';
import { openJournal } from '../../src/store/open-journal.ts';
import { openStore } from '../../src/store/open-store.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { aNewContainer } from '../support/builders.ts';

let folder: Folder;
let path: string;
beforeEach(async () => {
  folder = await aFolder();
  path = join(folder.path, 'berth.db');
});
afterEach(() => folder[Symbol.asyncDispose]());

async function anOpened(at = path): Promise<void> {
  (await openStore({ path: at })).close();
}
function withFile<T>(work: (db: Database.Database) => T, file = path): T {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const schemaOf = (db: Database.Database): unknown =>
  db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
const failing = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('opening', () => {
  test('the file is its owner’s alone, and what is in it is there again', async () => {
    const store = await openStore({ path });
    store.containers.insert(aNewContainer(), { topic: 't' });
    store.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = await openStore({ path });
    expect(again.containers.get('app:cache')).toMatchObject({ name: 'cache' });
    expect(again.subscriptions.all()).toHaveLength(1);
    again.close();
  });

  test('a newer schema is refused with both versions, and left as it is', async () => {
    await anOpened();
    const known = STORE_MIGRATIONS.length;
    withFile((db) =>
      db.prepare('INSERT INTO berth_migrations VALUES (?, ?, 0)').run(known + 1, 'of_the_future'),
    );
    const before = withFile(schemaOf);
    await expect(openStore({ path })).rejects.toThrow(
      failing('schema_newer', `schema ${known + 1} (of_the_future); this Berth knows up to ${known}`),
    );
    expect(withFile(schemaOf)).toEqual(before);
  });

  test('a newer logs.db is refused as such through its thread', async () => {
    const logs = join(folder.path, 'logs.db');
    await (await openJournal({ path: logs })).close();
    withFile((db) => db.prepare("INSERT INTO berth_migrations VALUES (99, 'later', 0)").run(), logs);
    await expect(openJournal({ path: logs })).rejects.toThrow(failing('schema_newer', 'schema 99'));
  });

  test('a database of something else is refused untouched: another program’s, or the other file of ours', async () => {
    withFile((db) => db.exec('CREATE TABLE notes (text TEXT)'));
    const before = withFile(schemaOf);
    await expect(openStore({ path })).rejects.toThrow(failing('database_failed', 'something else'));
    expect(withFile(schemaOf)).toEqual(before);
    const logs = join(folder.path, 'logs.db');
    await (await openJournal({ path: logs })).close();
    await expect(openStore({ path: logs })).rejects.toThrow(failing('database_failed', 'something else'));
  });

  test('what is no database, or cannot be one, is database_failed and names the path', async () => {
    writeFileSync(path, 'this is not SQLite, '.repeat(100));
    await expect(openStore({ path })).rejects.toThrow(failing('database_failed', path));
    await expect(openStore({ path: join(folder.path, 'none', 'berth.db') })).rejects.toThrow(
      failing('database_failed', 'ENOENT'),
    );
    const directory = join(folder.path, 'directory');
    mkdirSync(directory);
    await expect(openStore({ path: directory })).rejects.toThrow(failing('database_failed', directory));
    await expect(openJournal({ path: directory })).rejects.toThrow(failing('database_failed', directory));
  });

  test('a transaction that throws half way leaves nothing behind', async () => {
    const connection = await openConnection(path, STORE_MIGRATIONS, { busy_ms: 50, now: Date.now });
    const insert = () => connection.db.exec("INSERT INTO pulls VALUES ('redis:7', 'w1', 1)");
    expect(() =>
      connection.transaction(() => {
        insert();
        insert();
      }),
    ).toThrow(failing('database_failed', 'pulls.image'));
    expect(connection.db.prepare('SELECT count(*) FROM pulls').pluck().get()).toBe(0);
    connection.close();
  });

  test('a full disk is database_failed, says what to do, and loses nothing that was acknowledged', async () => {
    const connection = await openConnection(path, STORE_MIGRATIONS, { busy_ms: 50, now: Date.now });
    connection.db.exec('CREATE TABLE ballast (data BLOB)');
    connection.db.pragma(
      `max_page_count = ${Number(connection.db.pragma('page_count', { simple: true })) + 2}`,
    );
    expect(() =>
      connection.transaction(() => connection.db.exec('INSERT INTO ballast VALUES (zeroblob(1000000))')),
    ).toThrow(expect.objectContaining({ code: 'database_failed', next: expect.stringContaining('Free') }));
    expect(connection.db.prepare('SELECT count(*) FROM ballast').pluck().get()).toBe(0);
    connection.close();
  });

  test('a file that exists with wider rights still works', async () => {
    await anOpened();
    chmodSync(path, 0o644);
    await anOpened();
  });
});

describe('migrations', () => {
  test.for([
    ['berth.db', STORE_MIGRATIONS],
    ['logs.db', JOURNAL_MIGRATIONS],
  ] as const)('every step of %s goes up, down, and up again to the same schema', async ([, migrations]) => {
    const db = new Database(':memory:');
    const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: db }) });
    const upwards: unknown[] = [schemaOf(db)];
    for (const { up } of migrations) {
      await up(kysely);
      upwards.push(schemaOf(db));
    }
    for (const [index, { down }] of [...migrations.entries()].reverse()) {
      await down(kysely);
      expect(schemaOf(db)).toEqual(upwards[index]);
    }
    for (const { up } of migrations) await up(kysely);
    expect(schemaOf(db)).toEqual(upwards.at(-1));
    await kysely.destroy();
  });

  test('one that fails leaves the file as it was, those before it included', async () => {
    const broken: Migration = {
      name: '0002_broken',
      up: () => Promise.reject(new Error('half way')),
      down: () => Promise.resolve(),
    };
    const options = { busy_ms: 50, now: Date.now };
    await expect(openConnection(path, [...STORE_MIGRATIONS, broken], options)).rejects.toThrow('half way');
    expect(withFile(schemaOf)).toEqual([]);
    await anOpened();
  });

  test('an older schema is brought up to date, its rows kept', async () => {
    const store = await openStore({ path });
    store.containers.insert(aNewContainer());
    store.close();
    const more: Migration = {
      name: '0002_more',
      up: (db) => db.schema.createTable('more').addColumn('id', 'text').execute(),
      down: (db) => db.schema.dropTable('more').execute(),
    };
    const connection = await openConnection(path, [...STORE_MIGRATIONS, more], {
      busy_ms: 50,
      now: Date.now,
    });
    expect(connection.db.prepare('SELECT id FROM containers').pluck().all()).toEqual(['app:cache']);
    expect(connection.db.prepare('SELECT count(*) FROM more').pluck().get()).toBe(0);
    connection.close();
    await expect(openStore({ path })).rejects.toThrow(failing('schema_newer', '0002_more'));
  });
});

describe('what the database itself refuses', () => {
  test.for([
    ['status', STATUSES],
    ['health', HEALTHS],
    ['desired_state', DESIRED_STATES],
  ] as const)('the CHECK of %s lists what the code knows', async ([column, values]) => {
    await anOpened();
    const sql = withFile((db) =>
      db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'containers'").pluck().get(),
    );
    const [, list = ''] = new RegExp(`CHECK \\(${column} IN \\(([^)]*)\\)\\)`).exec(String(sql)) ?? [];
    expect(list.split(', ')).toEqual(values.map((value) => `'${value}'`));
  });

  test('the status moves of the database are those of the transition table', async () => {
    await anOpened();
    const moves = withFile((db) =>
      db.prepare("SELECT from_status || ' ' || to_status FROM status_moves").pluck().all(),
    );
    const allowed = STATUSES.flatMap((from) =>
      STATUSES.filter((to) => from !== to && canMove(from, to)).map((to) => `${from} ${to}`),
    );
    expect(moves.toSorted()).toEqual(allowed.toSorted());
  });

  test.for([
    ["status = 'running', removed_at = NULL", "status = 'removed', removed_at = 1"],
    ["claimed_by = 'w'", ''],
    ['claim_expires_at = 1', ''],
    ["follower = 'w'", ''],
    ["status = 'removed'", ''],
    ['removed_at = 1', ''],
    ['applied_generation = 9', ''],
    ["spec = '{'", ''],
    ['generation = 1.5', ''],
    ["status = 'exploded'", ''],
  ] as const)('no row may come to: %s', async ([wrong, before]) => {
    const store = await openStore({ path });
    store.containers.insert(aNewContainer());
    store.close();
    withFile((db) => {
      if (before !== '') db.exec(`UPDATE containers SET ${before}`);
      expect(() => db.exec(`UPDATE containers SET ${wrong}`)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^SQLITE_CONSTRAINT/) }),
      );
    });
  });
});
