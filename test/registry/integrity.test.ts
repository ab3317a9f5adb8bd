import { expect, test } from 'vitest';
import { findingsOf, readRegistry } from '../../src/operator/validate.ts';
import type { Scan } from '../../src/registry/scan.ts';
import { aFolder } from '../support/a-folder.ts';
import { anEntry, anIndex } from './an-index.ts';

interface Report {
  /** `file:line:column entry: message`, by file and line. */
  readonly said: readonly string[];
  readonly seen: Scan;
}

async function check(...entries: readonly string[]): Promise<Report> {
  await using folder = await aFolder();
  await folder.write('shop/_index.yaml', anIndex('shop', ...entries));
  const seen = await readRegistry({ roots: [folder.path] }, {}, 0);
  const said = findingsOf(seen, folder.path)
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ level, line, column, message }) => {
      const text = message.replaceAll(`${folder.path}/`, '');
      return `${level === 'error' ? '' : `${level} `}${line}:${column} ${text}`;
    });
  return { said, seen };
}

const declared = (type: string, name: string, ...more: string[]): string =>
  anEntry(name, ...more).replace('docker.container', type);

test('circles are told with their path, and nothing of them is begun', async () => {
  const { said, seen } = await check(
    anEntry('aa', 'image: x', 'depends_on: [bb]'),
    anEntry('bb', 'image: x', 'depends_on: { cc: { condition: healthy } }'),
    anEntry('cc', 'image: x', 'network_mode: container:aa'),
    anEntry('dd', 'image: x', 'depends_on: [dd]'),
    anEntry('ee', 'image: x', 'depends_on: [aa]'),
  );
  expect(said).toEqual([
    '18:19 they wait for each other: aa → bb → cc → aa; take one of them out',
    '23:18 it names itself in `depends_on`; take dd out',
  ]);
  expect(seen.entries.map(({ id }) => id)).toEqual(['shop:ee']);
  expect([...seen.hold.ids.keys()].toSorted()).toEqual(['shop:aa', 'shop:bb', 'shop:cc', 'shop:dd']);
});

test('names that are nobody’s are told with a guess and a way out', async () => {
  const { said } = await check(
    anEntry('web', 'image: x', 'depends_on: [databse, cache]', 'group: site'),
    anEntry('database', 'image: x', 'depends_on: { gone: { required: false } }'),
    anEntry('side', 'image: x', 'network_mode: container:wep'),
    declared('docker.group', 'site', 'members: [cache, database]'),
  );
  expect(said).toEqual([
    expect.stringMatching(
      /^8:18 no entry, container or group is called databse \(did you mean `database`\?\), which `depends_on` names; declare it, or say `required: false`$/,
    ),
    expect.stringMatching(/^8:27 no entry, container or group is called cache/),
    expect.stringMatching(
      /^19:19 no container of ours is called wep \(did you mean `web`\?\), which `network_mode`/,
    ),
    expect.stringMatching(
      /^23:15 its member cache is declared nowhere; declare it, or take it out of `members`/,
    ),
  ]);
});

test('ports, names and resources that two entries want are told at both places', async () => {
  const { said } = await check(
    anEntry(
      'aa',
      'image: x',
      'ports: [{ host: 80, container: 80 }, { host: 53, container: 53, protocol: udp }]',
    ),
    anEntry(
      'bb',
      'image: x',
      'ports: [{ host: 53, container: 53 }, { host: 80, container: 8080, host_ip: 127.0.0.1 }]',
    ),
    anEntry('cc', 'image: x', 'container_name: site'),
    anEntry('dd', 'image: x', 'group: site', 'networks: { net: { external: true }, front-ned: {} }'),
    declared('docker.network', 'net'),
    declared('docker.network', 'front-net'),
    anEntry('ee', 'image: x', 'container_name: ff'),
    anEntry('ff', 'image: x'),
    declared('docker.volume', 'v1', 'volume_name: data'),
    declared('docker.volume', 'v2', 'volume_name: data'),
  );
  expect(said).toEqual([
    expect.stringMatching(
      /^13:42 port 80\/tcp of this machine is aa’s already, at shop\/_index.yaml:4; publish another/,
    ),
    expect.stringMatching(
      /^18:21 the container site and the group site that entries name have one name; rename/,
    ),
    expect.stringMatching(
      /^24:17 the network net is `external` here, and declared at shop\/_index.yaml:25; leave/,
    ),
    expect.stringMatching(
      /^warning 24:42 the network front-ned is declared nowhere.*did you mean `front-net`/,
    ),
    expect.stringMatching(/^31:\d+ the container’s name `ff` is also that of shop:ff/),
    expect.stringMatching(/^36:\d+ the container’s name `ff` is also that of shop:ee/),
    expect.stringMatching(/^40:\d+ the volume’s name `data` is also/),
    expect.stringMatching(/^44:\d+ the volume’s name `data` is also/),
  ]);
});

test('a file of variables that is not there is told where it is named', async () => {
  const { said } = await check(anEntry('aa', 'image: x', 'env_file: ./gone.env'));
  expect(said).toEqual([
    expect.stringMatching(/^8:15 the environment file shop\/gone.env: is not there; make it/),
  ]);
});
