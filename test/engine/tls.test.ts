import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isContractError } from '../../contracts/contract-error.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import type { TlsSurroundings } from '../../src/engine/parse-host.ts';
import { anEngineUnderTest } from '../support/an-engine-under-test.ts';
import { aBerthFolder } from '../support/berth-process.ts';
import { type Certificates, certificates } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { type OwnEngine, ownEngine } from '../support/own-engine.ts';
import { rawEngine } from '../support/raw-engine.ts';
import { talksOver } from '../support/talks-over.ts';

let own: OwnEngine;
let folder = '';
let good: Certificates;
let other: Certificates;
let host = '';
const coded = (code: ErrorCode) => expect.toSatisfy((error: unknown) => isContractError(error, code));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  for (const name of ['good', 'other']) await mkdir(join(folder, name));
  good = await certificates(join(folder, 'good'));
  other = await certificates(join(folder, 'other'));
  const port = await freePort();
  host = `tcp://127.0.0.1:${port}`;
  own = await ownEngine({
    words: [
      ...['--tlsverify', `--tlscacert=${good.ca}`, `--tlscert=${good.server_cert}`],
      ...[`--tlskey=${good.server_key}`, '-H', host],
    ],
  });
}, 120_000);
afterAll(async () => {
  await own?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const ping = async (tls: TlsSurroundings): Promise<string> => {
  const engine = openEngine(host, tls);
  try {
    return (await engine.system.ping()).engine;
  } finally {
    await engine.close();
  }
};
/** Our certificate of the good authority beside another authority’s. */
async function mixed(ca: string): Promise<string> {
  const made = await mkdtemp(join(folder, 'mixed-'));
  await cp(good.client, made, { recursive: true });
  await cp(ca, join(made, 'ca.pem'));
  return made;
}

test('an engine with a certificate of the authority that we know answers us, who have one of its authority', async () => {
  const raw = (await rawEngine(own.socket_path).ask('GET', '/version')).body as { Version: string };
  expect(await ping({ cert_path: good.client, verify: true })).toBe(raw.Version);
});

test('exec, attach, logs and builds go over TLS as over a socket', async () => {
  await using mine = await anEngineUnderTest(
    openEngine(host, { cert_path: good.client, verify: true }),
    'tls',
  );
  await mine.engine.images.pull('busybox:latest', {});
  await talksOver(mine);
}, 120_000);

test('an engine of another authority is engine_denied when it is verified, and believed when it is not', async () => {
  const cert_path = await mixed(other.ca);
  await expect(ping({ cert_path, verify: true })).rejects.toEqual(coded('engine_denied'));
  await expect(ping({ cert_path, verify: true })).rejects.toThrow(/do not trust/);
  expect(await ping({ cert_path, verify: false })).not.toBe('');
  expect(await ping({ cert_path })).not.toBe('');
});

test('who has no certificate, or one of another authority, is engine_denied', async () => {
  await expect(ping({ cert_path: other.client, verify: false })).rejects.toEqual(coded('engine_denied'));
  const bare = await mkdtemp(join(folder, 'bare-'));
  await cp(good.ca, join(bare, 'ca.pem'));
  await expect(ping({ cert_path: bare, verify: true })).rejects.toEqual(coded('engine_denied'));
});

test('what is no certificate, or not there, is invalid_config and says which file, before any call', async () => {
  const bad = await mixed(good.ca);
  await writeFile(join(bad, 'ca.pem'), 'nonsense');
  expect(() => openEngine(host, { cert_path: bad, verify: true })).toThrow(/ca\.pem is no certificate/);
  await rm(join(bad, 'ca.pem'));
  expect(() => openEngine(host, { cert_path: bad, verify: true })).toThrow(
    expect.toSatisfy((error) => isContractError(error, 'invalid_config')),
  );
  await cp(good.ca, join(bad, 'ca.pem'));
  await cp(join(other.client, 'key.pem'), join(bad, 'key.pem'));
  expect(() => openEngine(host, { cert_path: bad, verify: true })).toThrow(/do not fit/);
});

test('plain HTTP to such an engine is refused with its own words', async () => {
  await expect(ping({})).rejects.toThrow(/HTTPS server/);
});

const ENTRY = `namespace: tls
entries:
  - name: tls-app
    kind: registry.entry
    meta: { type: docker.container }
    image: busybox:latest
    command: sleep 3600
    stop_timeout: 1
`;

test.each([
  [
    'DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH',
    async () => ({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: good.client }),
  ],
  [
    'a docker context with its certificates',
    async () => ({ DOCKER_HOST: '', DOCKER_CONFIG: await aContext('far') }),
  ],
  [
    'DOCKER_CONTEXT',
    async () => ({ DOCKER_HOST: '', DOCKER_CONFIG: await aContext('far', 'default'), DOCKER_CONTEXT: 'far' }),
  ],
])(
  'the daemon and its workers reach the engine by %s',
  async (_, environment) => {
    await using berth = await aBerthFolder(host, await environment());
    await berth.write('_index.yaml', ENTRY);
    expect((await berth.run('system', 'ping')).out).toMatch(/^OK /);
    const up = await berth.up('--workers', '1');
    await berth.until('tls-app', ({ status }) => status === 'running');
    expect((await rawEngine(own.socket_path).container('tls-app'))?.State.Status).toBe('running');
    up.kill('SIGTERM');
    await up.ended;
    expect((await berth.run('down')).code).toBe(0);
    expect(await rawEngine(own.socket_path).container('tls-app')).toBeUndefined();
  },
  120_000,
);

/** What `docker context create far --docker host=…,ca=…,cert=…,key=…` writes. */
async function aContext(name: string, current = name): Promise<string> {
  const config = await mkdtemp(join(folder, 'config-'));
  const id = createHash('sha256').update(name).digest('hex');
  const meta = join(config, 'contexts/meta', id);
  const tls = join(config, 'contexts/tls', id, 'docker');
  await mkdir(meta, { recursive: true });
  await cp(good.client, tls, { recursive: true });
  await writeFile(
    join(meta, 'meta.json'),
    JSON.stringify({
      ...{ Name: name, Metadata: {} },
      Endpoints: { docker: { Host: host, SkipTLSVerify: false } },
    }),
  );
  await writeFile(join(config, 'config.json'), JSON.stringify({ currentContext: current }));
  return config;
}
