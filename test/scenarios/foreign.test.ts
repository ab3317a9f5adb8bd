import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const declared = (name: string): string => `namespace: foreign
entries:
  - name: ${name}
    kind: registry.entry
    meta: { type: docker.container }
    image: busybox:latest
    command: sleep 3600
    stop_timeout: 1
`;

test('a container of somebody else with an entry’s name is a name_conflict that names it, and is not touched', async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using berth = await aBerthFolder(host);
  await engine.ask('POST', '/images/create?fromImage=busybox&tag=latest');
  const { body } = await engine.ask('POST', '/containers/create?name=foreign_held', {
    Image: 'busybox:latest',
    Cmd: ['sleep', '3600'],
  });
  const { Id } = body as { Id: string };
  await engine.ask('POST', `/containers/${Id}/start`);
  try {
    const before = await engine.container(Id);
    await berth.write('_index.yaml', declared('foreign_held'));
    await berth.up();
    const view = await berth.until('foreign_held', ({ reason }) => reason?.code === 'name_conflict');
    expect(view.reason?.message).toContain(Id.slice(0, 12));
    const removal = await berth.run('call', 'containers', 'delete', '--id', Id);
    expect(removal.code).toBe(5);
    expect((await berth.run('down')).code).toBe(0);
    const after = await engine.container(Id);
    expect([after?.Id, after?.State.StartedAt, after?.State.Status]).toEqual([
      Id,
      before?.State.StartedAt,
      'running',
    ]);
  } finally {
    await engine.ask('DELETE', `/containers/${Id}?force=1&v=1`);
  }
});

test('a container whose labels only say that it is ours is not adopted: labels can be copied from one of ours by any image', async () => {
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using berth = await aBerthFolder(host);
  await berth.write('one/_index.yaml', declared('foreign_model'));
  await berth.up();
  await berth.until('foreign_model', ({ status }) => status === 'running');
  const labels = (await engine.container('foreign_model'))?.Config.Labels ?? {};
  expect(Object.keys(labels).some((label) => label.startsWith('berth.'))).toBe(true);
  const forged = Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [label, value.replace('foreign_model', 'foreign_forged')]),
  );
  const { body } = await engine.ask('POST', '/containers/create?name=foreign_forged', {
    Image: 'busybox:latest',
    Cmd: ['sleep', '3600'],
    Labels: forged,
  });
  const { Id } = body as { Id: string };
  try {
    await berth.write('two/_index.yaml', declared('foreign_forged'));
    await berth.until('foreign_forged', ({ reason }) => reason?.code === 'name_conflict');
    await berth.run('down');
    await eventually(async () => expect(await engine.container('foreign_model')).toBeUndefined());
    expect((await engine.container('foreign_forged'))?.Id).toBe(Id);
  } finally {
    await engine.ask('DELETE', `/containers/${Id}?force=1&v=1`);
  }
});
