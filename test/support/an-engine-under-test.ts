import type { Engine } from '../../src/engine/engine.ts';
import type { CreateContainer } from '../../src/engine/port/container-calls.ts';

/** An engine for one test file, which leaves nothing of its own behind. */
export interface EngineUnderTest extends AsyncDisposable {
  readonly engine: Engine;
  /** A name of this file’s own. */
  name(short: string): string;
  /** Labels of this file’s own: what has them is removed at the end. */
  readonly labels: Readonly<Record<string, string>>;
  /** Create a container of this file’s own from busybox. */
  create(short: string, given: Partial<CreateContainer>): Promise<string>;
}

/** Cleans up before and after; then closes the engine. */
export async function anEngineUnderTest(engine: Engine, file: string): Promise<EngineUnderTest> {
  const labels = { 'berth-test.file': file };
  const name = (short: string): string => `${file}_${short}`;
  const clean = async (): Promise<void> => {
    for (const { id } of await engine.containers.list({ labels }))
      await engine.containers.remove(id, { force: true, anonymous_volumes: true });
    for (const { id } of await engine.networks.list({ labels })) await engine.networks.remove(id);
    for (const volume of await engine.volumes.list({ labels })) await engine.volumes.remove(volume.name);
  };
  await clean();
  return {
    engine,
    name,
    labels,
    create: async (short, given) => {
      const request = { restart_policy: 'no', aliases: [name(short)], keep_volumes: {}, ...given };
      const spec = { image: 'busybox:latest', stop_timeout: 1, ...given.spec };
      const made = await engine.containers.create({
        ...request,
        name: name(short),
        spec,
        labels: { ...given.labels, ...labels },
      });
      return made.id;
    },
    [Symbol.asyncDispose]: async () => {
      await clean();
      await engine.close();
    },
  };
}
