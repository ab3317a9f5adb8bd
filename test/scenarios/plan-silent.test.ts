import { get } from 'node:http';
import { expect, test } from 'vitest';
import { aBerthFolder } from '../support/berth-process.ts';
import { testEngine } from '../support/engine.ts';
import { rawEngine } from '../support/raw-engine.ts';

test('`plan` says what `up` would do and why, and leaves the engine’s event stream silent', async () => {
  const { host, socket_path } = await testEngine();
  await using berth = await aBerthFolder(host);
  await berth.write(
    '_index.yaml',
    'namespace: silent\nentries:\n  - name: silent_a\n    kind: registry.entry\n    meta: { type: docker.container }\n    image: busybox:latest\n    network: silent-net\n    volumes: [{ name: silent-data, container: /data }]\n    command: sleep 60\n',
  );
  const heard: string[] = [];
  const stream = get({ socketPath: socket_path, path: '/events' }, (response) =>
    response.on('data', (part: Buffer) => heard.push(part.toString())),
  );
  await new Promise((resolve) => stream.once('response', resolve));
  const { code, out } = await berth.run('plan', berth.registry);
  expect(code).toBe(0);
  for (const word of [
    'create_network',
    'silent-net',
    'create_volume',
    'silent-data',
    'create_container',
    'silent_a',
    'start_container',
  ])
    expect(out).toContain(word);
  const marker = 'silent-marker';
  await rawEngine(socket_path).ask('POST', '/volumes/create', { Name: marker });
  await expect.poll(() => heard.join(''), { timeout: 30_000 }).toContain(marker);
  await rawEngine(socket_path).ask('DELETE', `/volumes/${marker}`);
  stream.destroy();
  expect(heard.join('')).not.toContain('silent_a');
  expect(heard.join('')).not.toContain('silent-net');
  expect(heard.join('')).not.toContain('silent-data');
});
