import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ContractError } from '../../contracts/contract-error.ts';
import { askHelper } from '../../src/engine/credentials/credential-helper.ts';
import { createCredentials } from '../../src/engine/credentials/credentials.ts';
import { aFolder, type Folder } from '../support/a-folder.ts';

const SECRET = 's3cret-canary';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
let folder: Folder;

/** A helper that runs this; its input is in `$input`, its word in `$1`. */
async function aHelper(name: string, script: string): Promise<void> {
  const path = join(folder.path, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\ninput=$(cat)\n${script}\n`);
  await chmod(path, 0o755);
}

const of = (config: object, registry?: string) =>
  createCredentials({ folder: join(folder.path, 'none'), text: JSON.stringify(config) }).of(registry);

beforeAll(async () => {
  folder = await aFolder();
  process.env['PATH'] = `${folder.path}:${process.env['PATH']}`;
});
afterAll(() => folder[Symbol.asyncDispose]());

test('a registry is found however its key is written, Docker Hub by all its names', async () => {
  const mine = { username: 'me', password: SECRET };
  const auth = { auth: base64(`me:${SECRET}`) };
  for (const key of ['r.test:5000', 'http://r.test:5000', 'https://r.test:5000/v2/'])
    expect(await of({ auths: { [key]: auth } }, 'r.test:5000'), key).toEqual(mine);
  for (const key of ['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io'])
    for (const registry of [undefined, 'docker.io'])
      expect(await of({ auths: { [key]: auth } }, registry), key).toEqual(mine);
  expect(await of({ auths: { 'r.test': auth } }, 'r.test:5000')).toBeUndefined();
  expect(await of({ auths: { 'r.test': {} } }, 'r.test')).toBeUndefined();
  expect(await of({ auths: { r: { auth: base64(`me:a:${SECRET}\0\0`) } } }, 'r')).toEqual({
    username: 'me',
    password: `a:${SECRET}`,
  });
  expect(await of({ auths: { r: { auth: base64('me:'), identitytoken: SECRET } } }, 'r')).toEqual({
    username: 'me',
    identity_token: SECRET,
  });
  expect(await of({ auths: null, credsStore: '' }, 'r')).toBeUndefined();
});

test('a helper is asked for what it keeps; who knows nothing is no failure, anything else is credentials_failed', async () => {
  await aHelper(
    'knows',
    `[ "$1 $input" = "get r.test" ] && echo '{"Username":"me","Secret":"${SECRET}"}' || { echo credentials not found; exit 1; }`,
  );
  await aHelper('token', `echo '{"Username":"<token>","Secret":"${SECRET}"}'`);
  await aHelper('nothing', 'echo credentials not found in native keychain; exit 1');
  await aHelper('odd', `echo 'no json ${SECRET}'`);
  await aHelper('fails', `echo '${SECRET}'; echo '${SECRET}' >&2; exit 3`);
  await aHelper('hangs', 'exec sleep 600');
  expect(await askHelper('knows', 'r.test')).toEqual({ username: 'me', password: SECRET });
  expect(await askHelper('token', 'r.test')).toEqual({ identity_token: SECRET });
  expect(await askHelper('nothing', 'r.test')).toBeUndefined();
  for (const helper of ['odd', 'fails', 'hangs', 'is-not-there']) {
    const failed = await askHelper(helper, 'r.test', undefined, 300).catch((error: unknown) => error);
    expect(failed, helper).toMatchObject({ code: 'credentials_failed' });
    expect(JSON.stringify((failed as ContractError).toWire())).not.toContain(SECRET);
  }
  await expect(askHelper('../knows', 'r.test')).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(askHelper('hangs', 'r.test', AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  const own = { credHelpers: { 'r.test': 'token' }, credsStore: 'knows' };
  expect(await of(own, 'r.test')).toEqual({ identity_token: SECRET });
  // What is written down counts where the helper knows nothing.
  const both = { credsStore: 'nothing', auths: { 'r.test': { auth: base64(`me:${SECRET}`) } } };
  expect(await of(both, 'r.test')).toEqual({ username: 'me', password: SECRET });
  const all = createCredentials({
    folder: folder.path,
    text: JSON.stringify({ ...own, auths: { hub: {} } }),
  });
  expect(await all.all().catch((error: unknown) => error)).toMatchObject({
    'r.test': { identity_token: SECRET },
  });
});

test('a login is kept beside what was there, for its owner alone, through a link too; a broken file is named and not quoted', async () => {
  const real = join(folder.path, 'real');
  const linked = join(folder.path, 'linked');
  await mkdir(real);
  await mkdir(linked);
  await writeFile(join(real, 'config.json'), '{"HttpHeaders":{"a":"b"},"auths":{"o.test":{}}}');
  await symlink(join(real, 'config.json'), join(linked, 'config.json'));
  const credentials = createCredentials({ folder: linked });
  expect(await credentials.save('r.test', { username: 'me', password: SECRET })).toBe('file');
  expect(await credentials.save(undefined, { username: 'me', identity_token: SECRET })).toBe('file');
  expect(JSON.parse(await readFile(join(real, 'config.json'), 'utf8'))).toEqual({
    HttpHeaders: { a: 'b' },
    auths: {
      'o.test': {},
      'r.test': { auth: base64(`me:${SECRET}`) },
      'https://index.docker.io/v1/': { auth: base64('me:'), identitytoken: SECRET },
    },
  });
  expect((await stat(join(real, 'config.json'))).mode & 0o777).toBe(0o600);
  expect(await credentials.of('r.test')).toEqual({ username: 'me', password: SECRET });
  expect(await createCredentials({ folder: join(folder.path, 'new/er') }).of('r.test')).toBeUndefined();

  await aHelper('keeps', `[ "$1" = store ] && echo "$input" > ${folder.path}/kept`);
  await writeFile(join(real, 'config.json'), '{"credsStore":"keeps"}');
  expect(await credentials.save('r.test', { username: 'me', password: SECRET })).toBe('helper');
  expect(await readFile(join(folder.path, 'kept'), 'utf8')).toContain(SECRET);
  expect(await readFile(join(real, 'config.json'), 'utf8')).not.toContain(SECRET);

  for (const text of [`{"auths": "${SECRET}"}`, `{"${SECRET}`]) {
    await writeFile(join(real, 'config.json'), text);
    const failed = await credentials.of('r.test').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ContractError);
    expect(failed).toMatchObject({ code: 'invalid_config' });
    expect(String(failed)).toContain('config.json');
    expect(String(failed)).not.toContain(SECRET);
  }
});
