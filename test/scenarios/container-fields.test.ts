import { afterAll, beforeAll, expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { networks } from '../../contracts/networks.ts';
import { volumes } from '../../contracts/volumes.ts';
import { type App, createApp } from '../../src/app.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { FIELD_ROWS, type FieldRow, PEER } from '../support/field-rows.ts';
import { type RawEngine, rawEngine } from '../support/raw-engine.ts';

let folder: Folder;
let app: App;
let engine: RawEngine;
let api: string;
let info: Readonly<Record<string, unknown>>;
const made: string[] = [];
const docker = () => app.contract.open(containers);

beforeAll(async () => {
  const { host, socket_path } = await testEngine();
  engine = rawEngine(socket_path);
  await needImages('busybox:latest');
  const { body } = await engine.ask('GET', '/version');
  api = (body as { readonly ApiVersion: string }).ApiVersion;
  info = (await engine.ask('GET', '/info')).body as typeof info;
  folder = await aFolder();
  app = await createApp({ engine: host, state: folder.path });
  await aMade({
    name: PEER,
    command: 'sleep 600',
    stop_timeout: 0,
    start: true,
    ipc: 'shareable',
  });
  await eventually(async () => expect((await docker().get({ id: PEER })).status).toBe('running'));
});
afterAll(async () => {
  for (const id of made.toReversed()) await docker().delete({ id, wait: true, timeout: 0 });
  await app.contract.open(networks).prune({});
  await app.contract.open(volumes).prune({});
  await app.close();
  await folder[Symbol.asyncDispose]();
});

/** Made, and shown by the engine as it inspects it. */
const aMade = async (given: Parameters<Client['create']>[0]): Promise<unknown> => {
  const { id } = await docker().create({ image: 'busybox:latest', start: false, ...given });
  made.push(id);
  return await eventually(async () => {
    const { engine_id, reason, status } = await docker().get({ id });
    if (status === 'failed') return `failed: ${reason?.message}`;
    expect(engine_id).toBeDefined();
    return (await engine.ask('GET', `/containers/${engine_id}/json`)).body;
  });
};
type Client = ReturnType<typeof docker>;

const at = (value: unknown, path: string): unknown =>
  path === ''
    ? value
    : path
        .split('.')
        .reduce<unknown>(
          (here, key) => (typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined),
          value,
        );

const minor = (version: string): number => Number(version.split('.')[1]);
/** What the engine says of its machine, by what needs it. */
const TOLD: Readonly<Record<string, string>> = {
  memory_swap: 'SwapLimit',
  pids_limit: 'PidsLimit',
  cpuset_cpus: 'CPUSet',
  cpuset_mems: 'CPUSet',
  oom_kill_disable: 'OomKillDisable',
};
const warned = (text: RegExp): boolean =>
  ((info['Warnings'] ?? []) as readonly string[]).some((warning) => text.test(warning));
/** What it has no field for. */
const isWarnedOf = (field: string): boolean =>
  (/^(cpu_rt_|memory_swappiness)/.test(field) && info['CgroupVersion'] === '2') ||
  (/^(blkio_|device_(read|write)_)/.test(field) && warned(/No (blkio|io\.)/));
const isHere = ({ from = '1.40', until = '1.99', given }: FieldRow): boolean =>
  minor(api) >= minor(from) &&
  minor(api) <= minor(until) &&
  Object.keys(given).every(
    (field) => !isWarnedOf(field) && (TOLD[field] === undefined || info[TOLD[field]] !== false),
  );

/** What of a row the inspect does not show. */
const lacking = (field: string, { shown, may_be_dropped }: FieldRow, seen: unknown): readonly string[] =>
  Object.entries(shown).flatMap(([path, wanted]) => {
    const there = at(seen, path);
    const isSo =
      typeof wanted === 'function' ? wanted(there) : JSON.stringify(there) === JSON.stringify(wanted);
    const isNone = [undefined, null, 0, -1, '', false].some((none) => there === none) || String(there) === '';
    return isSo || (may_be_dropped && isNone)
      ? []
      : [`${field}: ${path} is ${JSON.stringify(there)}, not ${JSON.stringify(wanted)}`];
  });

const ROWS = Object.entries(FIELD_ROWS);

test('every field that goes with others reaches the engine, all of them in one container', async () => {
  const rows = ROWS.filter(([, row]) => !row.alone && isHere(row));
  const given = Object.assign({}, ...rows.map(([, row]) => row.given), { name: 'fields_all' });
  const seen = await aMade(given);
  expect(seen).toBeTypeOf('object');
  expect(rows.flatMap(([field, row]) => lacking(field, row, seen))).toEqual([]);
});

test.for(ROWS.filter(([, row]) => row.alone))('%s reaches the engine', async ([field, row]) => {
  if (!isHere(row)) return;
  const seen = await aMade({ ...row.given, name: `fields_${field}` });
  if (row.may_be_dropped && typeof seen === 'string') {
    // This machine has none of it, and the engine says so.
    expect(seen).toMatch(/kernel does not support|not supported|storage-opt/i);
    return;
  }
  expect(lacking(field, row, seen)).toEqual([]);
});

test('what the engine is too old or too new for is one error that lists all of it, and nothing is made', async () => {
  const rows = ROWS.filter(([, row]) => !isHere(row));
  const newer = { health_check: { test: 'true', start_interval: 1 }, annotations: { a: 'b' } };
  const given = Object.assign({}, ...rows.map(([, row]) => row.given), minor(api) < 44 ? newer : {});
  const names = [
    ...rows.map(([field]) => field),
    ...(minor(api) < 44 ? ['health_check.start_interval'] : []),
  ];
  expect(names.length).toBeGreaterThan(0);
  const refusal = await docker()
    .create({ image: 'busybox:latest', name: 'fields_refused', ...given })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(isContractError(refusal, 'unsupported')).toBe(true);
  for (const name of names) expect(String(refusal)).toContain(name);
  expect(await engine.container('fields_refused')).toBeUndefined();
});
