import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import { locateEngine } from '../../src/engine/locate.ts';
import { parseHost } from '../../src/engine/parse-host.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function aContext(name: string, host: string): Promise<void> {
  const folder = join(home, '.docker/contexts/meta', createHash('sha256').update(name).digest('hex'));
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
}
const config = async (value: unknown): Promise<void> => {
  await mkdir(join(home, '.docker'), { recursive: true });
  await writeFile(
    join(home, '.docker/config.json'),
    typeof value === 'string' ? value : JSON.stringify(value),
  );
};

test('what is said goes before DOCKER_HOST, that before the context', async () => {
  await config({ currentContext: 'far' });
  await aContext('far', 'tcp://far.test:2375');
  const docker_host = 'tcp://near.test:2375';
  expect(locateEngine({ home, docker_host }, 'unix:///said.sock').host).toBe('unix:///said.sock');
  expect(locateEngine({ home, docker_host })).toEqual({ host: docker_host, found_by: 'DOCKER_HOST' });
  expect(locateEngine({ home, docker_host: '' })).toEqual({
    host: 'tcp://far.test:2375',
    found_by: 'the docker context far',
    tls: {},
  });
});

test('DOCKER_CONTEXT goes before the current context', async () => {
  await config({ currentContext: 'far' });
  await aContext('far', 'tcp://far.test:2375');
  await aContext('other', 'unix:///other.sock');
  expect(locateEngine({ home, docker_context: 'other' }).host).toBe('unix:///other.sock');
});

test('a socket of the user’s is found, and one of our own engine after it', async () => {
  const own = join(home, 'own.sock');
  await writeFile(own, '');
  await config({ currentContext: 'default' });
  const around = { home, more_sockets: [own], usual_sockets: [] };
  expect(locateEngine(around).host).toBe(`unix://${own}`);
  await mkdir(join(home, '.docker/run'), { recursive: true });
  await writeFile(join(home, '.docker/run/docker.sock'), '');
  expect(locateEngine(around).host).toBe(`unix://${join(home, '.docker/run/docker.sock')}`);
});

test('nothing found is one engine_unreachable that lists what was tried', () => {
  const around = { home, more_sockets: ['/nowhere/own.sock'], usual_sockets: ['/nowhere/docker.sock'] };
  const locate = (): unknown => locateEngine(around);
  expect(locate).toThrow('/nowhere/docker.sock');
  expect(locate).toThrow('/nowhere/own.sock');
  expect(locate).toThrow('DOCKER_HOST is not set');
  expect(locate).toThrow(expect.toSatisfy((error) => isContractError(error, 'engine_unreachable')));
});

test('a context that names no engine, and a config that is no JSON, say which file', async () => {
  await config({ currentContext: 'gone' });
  expect(() => locateEngine({ home })).toThrow(/the docker context gone .*meta\.json/);
  await config('{');
  expect(() => locateEngine({ home })).toThrow(/config\.json cannot be read/);
});

test.each([
  ['unix:///run/d.sock', { socketPath: '/run/d.sock' }],
  ['tcp://h:1', { host: 'h', port: 1, protocol: 'http' }],
  ['tcp://h', { host: 'h', port: 2375, protocol: 'http' }],
  ['http://h', { host: 'h', port: 2375, protocol: 'http' }],
  ['https://h', { host: 'h', port: 2376, protocol: 'https', verify: true }],
  ['ssh://me@h', { host: 'h', protocol: 'ssh', username: 'me' }],
  ['ssh://h:2222/run/d.sock', { host: 'h', port: 2222, protocol: 'ssh', remote_socket: '/run/d.sock' }],
])('%s is an address', (host, expected) => {
  expect(parseHost(host)).toEqual(expected);
});

test('with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH the certificates are read, and a missing one is named', async () => {
  for (const name of ['ca', 'cert', 'key']) await writeFile(join(home, `${name}.pem`), name);
  expect(parseHost('tcp://h', { cert_path: home, verify: true })).toEqual({
    host: 'h',
    port: 2376,
    protocol: 'https',
    ca: Buffer.from('ca'),
    cert: Buffer.from('cert'),
    key: Buffer.from('key'),
    verify: true,
  });
  await rm(join(home, 'key.pem'));
  expect(() => parseHost('tcp://h', { cert_path: home })).toThrow('key.pem');
});

test.each([
  ...['', 'docker', 'unix://relative.sock', 'ftp://h', 'npipe:////./pipe/docker'],
  ...['ssh://me:secret@h', 'ssh://h/run/$(id).sock', 'ssh://-oProxyCommand=id'],
])('`%s` is no engine’s address', (host) => {
  expect(() => parseHost(host)).toThrow(
    expect.toSatisfy((error) => isContractError(error, 'invalid_config')),
  );
});
