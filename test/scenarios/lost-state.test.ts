import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS } from '../../contracts/errors.ts';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

test('when the database is lost, `adopt` and `up` know every container again, and none is touched', {
  timeout: 240_000,
}, async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using berth = await aBerthFolder(host);
  await berth.write(
    '_index.yaml',
    'namespace: lost\nentries:\n  - name: lost_declared\n    kind: registry.entry\n    meta: { type: docker.container }\n    image: busybox:latest\n    command: sleep 3600\n    stop_timeout: 1\n',
  );
  const first = await berth.up();
  const made = await berth.run(
    'call',
    'containers',
    'create',
    '{"image": "busybox:latest", "name": "lost_made", "command": "sleep 3600", "stop_timeout": 1, "env": {"A": "b"}}',
  );
  const { id } = JSON.parse(made.out) as { id: string };
  const names = ['lost_declared', 'lost_made'];
  for (const name of names) await berth.until(name, ({ status }) => status === 'running');
  const identities = (): Promise<unknown[]> =>
    Promise.all(
      names.map(async (name) => {
        const seen = await engine.container(name);
        return [seen?.Id, seen?.State.StartedAt];
      }),
    );
  const before = await identities();
  expect((await berth.run('adopt')).code).toBe(ERRORS.daemon_running.exit);
  first.kill('SIGTERM');
  await first.ended;
  for (const file of await readdir(berth.state)) if (file.includes('.db')) await rm(join(berth.state, file));

  const adopting = await berth.run('adopt', '--json');
  expect(JSON.parse(adopting.out)).toEqual({
    ...{ adopted: [{ id, name: 'lost_made' }], groups: [], networks: [], joins: [], left: [] },
  });
  await berth.up();
  for (const name of names) await berth.until(name, ({ status }) => status === 'running');
  expect(await identities()).toEqual(before);
  expect((await berth.run('call', 'containers', 'delete', '--id', id, '--wait')).code).toBe(0);
  await eventually(async () => expect(await engine.container('lost_made')).toBeUndefined());
});
