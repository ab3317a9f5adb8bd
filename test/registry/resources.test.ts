import { expect, test } from 'vitest';
import { decodeEntries, encodeEntries } from '../../src/registry/entry-files.ts';
import { readEntries } from '../../src/registry/read-entries.ts';

const read = (entries: string) =>
  readEntries(`namespace: net\nentries:\n${entries}`, {
    file: '/r/_index.yaml',
    environment: { MTU: '1400' },
  });

test('networks and volumes are read beside containers, by their own names or another, with variables and written texts', () => {
  const { resources, problems } = read(`
  - name: back
    kind: registry.entry
    meta: { type: docker.network, comment: inside }
    options: { com.docker.network.driver.mtu: "\${MTU}", version: 1.10 }
    ipam: { config: [{ subnet: 10.7.0.0/16 }] }
  - name: data
    kind: registry.entry
    meta: { type: docker.volume }
    volume_name: my-data
    labels: { keep: true }
`);
  expect(problems).toEqual([]);
  expect(resources).toEqual([
    {
      id: 'net:back',
      resource: 'network',
      name: 'back',
      resource_name: 'back',
      settings: {
        options: { 'com.docker.network.driver.mtu': '1400', version: '1.10' },
        ipam: { config: [{ subnet: '10.7.0.0/16' }] },
      },
      file: '/r/_index.yaml',
      line: 4,
    },
    {
      ...{ id: 'net:data', resource: 'volume', name: 'data', resource_name: 'my-data' },
      ...{ settings: { labels: { keep: 'true' } }, file: '/r/_index.yaml', line: 9 },
    },
  ]);
  const kept = { path: '/r/_index.yaml', root: '/r', content_hash: '', read_at: 0 };
  expect(decodeEntries({ ...kept, entries: encodeEntries(resources) })).toEqual(resources);
});

test('what is wrong with one is told where it stands, with a guess', () => {
  const { problems } = read(`
  - name: back
    kind: registry.entry
    meta: { type: docker.network }
    driver_opts: { a: b }
    ipam: { config: [{ subnet: 10.7.0.0 }] }
  - name: data
    kind: registry.entry
    meta: { type: docker.volum }
    labels: { berth.mine: yes }
  - name: more
    kind: registry.entry
    meta: { type: docker.volume }
    labels: { berth.mine: yes }
`);
  expect(problems.map(({ line, message }) => [line, message])).toEqual([
    [8, expect.stringContaining('subnet')],
    [7, 'unknown key `driver_opts` (did you mean `options`?)'],
    [11, 'unknown meta.type `docker.volum` (did you mean `docker.volume`?); the entry is ignored'],
    [16, expect.stringContaining('reserved')],
  ]);
});
