import { expect, test } from 'vitest';
import type { BerthEvent } from '../../contracts/berth-event.ts';
import { containers } from '../../contracts/containers.ts';
import { connect } from '../../src/connect.ts';
import { aBerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

const entryOf = (name: string): string => `  - name: ${name}
    kind: registry.entry
    meta: { type: docker.container }
    build: ./${name}
    restart_policy: 'no'
    stream: { topic: ${name}.events }
`;

const linesOf = (told: readonly BerthEvent[], source: 'build' | undefined): readonly string[] =>
  told.flatMap((event) =>
    event.type === 'log' && 'container_id' in event && event.source === source ? [event.line] : [],
  );

test('who listens to an entry hears what the build of its image writes, and it can be read afterwards, apart from its log', async () => {
  const { host, socket_path } = await testEngine();
  await needImages('busybox:latest');
  await using berth = await aBerthFolder(host);
  const salt = `${Date.now()}`;
  await berth.write(
    'told/Dockerfile',
    `FROM busybox:latest\nRUN echo built ${salt}; for i in 1 2 3; do echo line $i; done\nCMD ["echo", "ran"]\n`,
  );
  await berth.write(
    'broken/Dockerfile',
    `FROM busybox:latest\nRUN echo tried ${salt}; echo no such thing; exit 7\n`,
  );
  await berth.write('_index.yaml', `namespace: lines\nentries:\n${entryOf('told')}${entryOf('broken')}`);
  await berth.up();

  const connection = await connect(`${berth.state}/berth.sock`);
  try {
    const hears = async (topic: string): Promise<readonly BerthEvent[]> => {
      const told: BerthEvent[] = [];
      for await (const event of connection.process.listen(topic, { from_seq: 1 })) {
        told.push(event);
        if (event.type === 'done' || (event.type === 'status' && event.status === 'failed')) break;
      }
      return told;
    };
    const told = await hears('told.events');
    expect(linesOf(told, 'build')).toEqual(
      expect.arrayContaining([`built ${salt}`, 'line 1', 'line 2', 'line 3']),
    );
    expect(linesOf(told, undefined)).toEqual(['ran']);
    const order = told.map((event) =>
      event.type === 'status' ? event.status : event.type === 'log' ? event.line : event.type,
    );
    expect(order.indexOf('pulling')).toBeLessThan(order.indexOf('line 1'));
    expect(order.indexOf('line 3')).toBeLessThan(order.indexOf('creating'));
    expect((await rawEngine(socket_path).container('told'))?.Config.Image).toBe(
      'berth-build/lines-told:latest',
    );
    // A build that fails leaves no container: its lines are all that there is to read.
    expect(linesOf(await hears('broken.events'), 'build')).toContain('no such thing');

    const docker = connection.contract.open(containers);
    const texts = async (id: string, source?: 'container' | 'build'): Promise<readonly string[]> =>
      (await docker.logs({ id, ...(source && { source }) })).lines.map(({ line }) => line);
    expect(await texts('told')).toEqual(['ran']);
    expect(await texts('told', 'build')).toEqual(linesOf(told, 'build'));
    expect(await texts('broken')).toEqual([]);
  } finally {
    await connection.close();
  }
  expect((await berth.run('logs', '--build', 'broken')).out).toContain('no such thing');
}, 120_000);
