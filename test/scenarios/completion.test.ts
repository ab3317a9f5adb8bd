import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { bashShell } from '../support/shell.ts';

test('names of containers, networks, volumes and images complete from the daemon, and from the database without one', async () => {
  const { host } = await testEngine();
  await using berth = await aBerthFolder(host);
  await using shell = await bashShell({ BERTH_STATE: berth.state, DOCKER_HOST: host });
  await berth.write('_index.yaml', 'namespace: tab\nentries: []\n');
  const up = await berth.up();
  for (const name of ['tab-one', 'tab-two'])
    await berth.run(
      'call',
      'containers',
      'create',
      '--image',
      'busybox:latest',
      '--name',
      name,
      '--no-start',
    );
  await berth.run('network', 'create', 'tab-net');
  await berth.run('volume', 'create', 'tab-vol');
  expect(await shell.tab('berth stop tab-')).toEqual(expect.arrayContaining(['tab-one', 'tab-two']));
  expect(await shell.tab('berth stop tab-one tab-')).toEqual(['tab-two']);
  expect(await shell.tab('berth network inspect tab-')).toEqual(['tab-net']);
  expect(await shell.tab('berth network connect tab-net tab-t')).toEqual(['tab-two']);
  expect(await shell.tab('berth volume rm tab-')).toEqual(['tab-vol']);
  up.kill('SIGTERM');
  await up.ended;
  expect(await shell.tab('berth rm tab-o')).toEqual(['tab-one']);
  await berth.run('volume', 'rm', 'tab-vol');
}, 120_000);
