import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const MINUTES = 60_000;
let berth: BerthFolder;

beforeAll(async () => {
  await needImages('redis:7', 'postgres:16', 'nginx:latest', 'myapp:latest');
  berth = await aBerthFolder((await testEngine()).host);
}, 9 * MINUTES);

afterAll(() => berth?.[Symbol.asyncDispose](), 3 * MINUTES);

test('the two examples of the documentation come up as they stand and answer', {
  timeout: 5 * MINUTES,
}, async () => {
  const engine = rawEngine((await testEngine()).socket_path);
  for (const example of ['redis', 'stack']) {
    await berth.write(
      `${example}/_index.yaml`,
      await readFile(new URL(`../../registry/examples/${example}/_index.yaml`, import.meta.url), 'utf8'),
    );
  }
  await berth.up();
  for (const name of ['my_redis', 'postgres_db', 'app_server', 'nginx_proxy']) {
    await berth.until(name, ({ status }) => status === 'running', 3 * MINUTES);
  }

  await eventually(async () => expect(await exchange(6379, 'PING\r\n')).toContain('+PONG'));
  await eventually(async () =>
    expect(await exchange(80, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.[01] \d{3}/),
  );
  await eventually(
    async () => expect(await exchange(8080, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/postgres_db:5432[^\n]*ok/i),
    2 * MINUTES,
  );

  const postgres = await engine.container('postgres_db');
  expect(postgres?.Config.Cmd).toEqual(['postgres']);
  expect(Object.keys(postgres?.NetworkSettings.Networks ?? {})).toEqual(['myapp-net']);
  const nginx = await engine.container('nginx_proxy');
  expect(nginx?.Config.Cmd).toEqual(['nginx', '-g', 'daemon off;']);
});

/** What a plain TCP server answers to some words. */
function exchange(port: number, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(words));
    let answer = '';
    socket.setTimeout(5000, () => socket.destroy(new Error(`port ${port} said nothing in time`)));
    socket.on('data', (part) => {
      answer += part.toString();
      if (words.startsWith('PING')) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
