import { openDockerEngine } from '../../src/engine/docker/docker-engine.ts';
import type { CreateContainer, Engine } from '../../src/engine/engine.ts';
import { parseHost } from '../../src/engine/parse-host.ts';
import { needImages, testEngine } from './engine.ts';

/** The adapter on the real engine, for one test file. */
export interface DockerUnderTest extends AsyncDisposable {
  readonly engine: Engine;
  readonly host: string;
  /** A name of this file’s own. */
  name(short: string): string;
  /** Labels of this file’s own: what has them is removed at the end. */
  readonly labels: Readonly<Record<string, string>>;
  /** Create a container of this file’s own. */
  create(short: string, given: Partial<CreateContainer>): Promise<string>;
}

export async function aDockerEngine(file: string): Promise<DockerUnderTest> {
  const { host } = await testEngine();
  const engine = openDockerEngine(host, parseHost(host));
  const labels = { 'berth-test.file': file };
  const name = (short: string): string => `${file}_${short}`;
  const clean = async (): Promise<void> => {
    for (const { id } of await engine.containers.list({ labels }))
      await engine.containers.remove(id, { force: true, anonymous_volumes: true });
    for (const { id } of await engine.networks.list({ labels })) await engine.networks.remove(id);
    for (const volume of await engine.volumes.list({ labels })) await engine.volumes.remove(volume.name);
  };
  await clean();
  await needImages('busybox:latest');
  return {
    engine,
    host,
    name,
    labels,
    create: async (short, given) => {
      const request = { restart_policy: 'no', aliases: [name(short)], keep_volumes: {}, ...given };
      const spec = { image: 'busybox:latest', stop_timeout: 1, ...given.spec };
      const made = await engine.containers.create({ ...request, name: name(short), spec, labels });
      return made.id;
    },
    [Symbol.asyncDispose]: async () => {
      await clean();
      await engine.close();
    },
  };
}
