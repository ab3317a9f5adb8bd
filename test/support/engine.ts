import process from 'node:process';
import { appServerTar } from './lab/app-server.ts';
import { rawEngine } from './raw-engine.ts';

/** The engine that the tests run on, never the user’s everyday one: BERTH_TEST_ENGINE, a unix socket's address. */
export async function testEngine(): Promise<{ readonly host: string; readonly socket_path: string }> {
  const host = process.env['BERTH_TEST_ENGINE'];
  if (host === undefined || !host.startsWith('unix://'))
    throw new Error(
      'these tests need an engine of their own: run them by `npm test -- FILE`, or set BERTH_TEST_ENGINE=unix:///path/docker.sock',
    );
  return { host, socket_path: host.slice('unix://'.length) };
}

/**
 * See that the engine has these images (`name:tag`), pulling what it lacks. The runner makes redis:7, postgres:16, nginx:latest and
 * myapp:latest only for test files that name them; on an engine given by the user they come from wherever it pulls from.
 */
export async function needImages(...images: readonly string[]): Promise<void> {
  const engine = rawEngine((await testEngine()).socket_path);
  for (const image of images) {
    if ((await engine.ask('GET', `/images/${image}/json`)).status === 200) continue;
    const [name = '', tag = ''] = image.split(':');
    const { body } = await engine.ask('POST', `/images/create?fromImage=${name}&tag=${tag}`);
    if ((await engine.ask('GET', `/images/${image}/json`)).status === 200) continue;
    if (image !== 'myapp:latest') throw new Error(`${image} cannot be pulled: ${String(body).slice(-500)}`);
    // An application of our own: no public registry has it.
    await needImages('postgres:16');
    await engine.upload(`/build?t=${image}`, appServerTar('postgres:16'));
  }
}
