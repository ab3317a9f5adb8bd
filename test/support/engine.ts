import process from 'node:process';

/** The engine that the tests run on, never the user’s everyday one: BERTH_TEST_ENGINE, a unix socket's address. */
export async function testEngine(): Promise<{ readonly host: string; readonly socket_path: string }> {
  const host = process.env['BERTH_TEST_ENGINE'];
  if (host === undefined || !host.startsWith('unix://'))
    throw new Error(
      'these tests need an engine of their own: set BERTH_TEST_ENGINE=unix:///path/docker.sock',
    );
  return { host, socket_path: host.slice('unix://'.length) };
}

/** See that the engine has these images, or can pull them. */
export async function needImages(...images: readonly string[]): Promise<void> {
  const { host } = await testEngine();
  const { openDockerEngine } = await import('../../src/engine/docker/docker-engine.ts');
  const { parseHost } = await import('../../src/engine/parse-host.ts');
  const engine = openDockerEngine(host, parseHost(host));
  try {
    for (const image of images)
      if ((await engine.images.inspect(image)) === undefined) await engine.images.pull(image, {});
  } finally {
    await engine.close();
  }
}
