import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineEnvironment } from '../../src/private-engine/engine-environment.ts';
import { eventually } from './eventually.ts';
import { theLab } from './own-engine.ts';

/** Who may use it. */
export const KNOWN = { username: 'me', password: 's3cret-canary' } as const;
/** The same, as bcrypt. */
const HTPASSWD = `${KNOWN.username}:$2b$04$L.F4Mb5AqrZOqtMgDqUph.5AuVHbVvNPJ7E6b9nI5//QbdlzsnspW\n`;

export interface LockedRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly name: string;
  /** The digest that it has for that tag; undefined when it has none. */
  digest(repository: string, tag: string): Promise<string | undefined>;
}

/** A registry beside the run’s own that is empty, and that nobody but KNOWN may use. */
export async function aLockedRegistry(port: number): Promise<LockedRegistry> {
  const { installed, folder } = await theLab();
  const own = mkdtempSync(join(folder, 'locked-'));
  const name = `127.0.0.1:${port}`;
  writeFileSync(join(own, 'htpasswd'), HTPASSWD);
  writeFileSync(
    join(own, 'config.yml'),
    `version: 0.1
log: { level: warn }
storage: { filesystem: { rootdirectory: ${own}/storage } }
http: { addr: '${name}' }
auth: { htpasswd: { realm: tests, path: ${own}/htpasswd } }
`,
  );
  const child = spawn(join(installed.bin, 'docker-registry'), ['serve', join(own, 'config.yml')], {
    stdio: 'ignore',
    env: engineEnvironment(installed, process.env),
  });
  const ended = once(child, 'exit');
  const ask = (path: string, method: string): Promise<Response> =>
    fetch(`http://${name}/v2/${path}`, {
      method,
      headers: {
        accept: 'application/vnd.docker.distribution.manifest.v2+json',
        authorization: `Basic ${Buffer.from(`${KNOWN.username}:${KNOWN.password}`).toString('base64')}`,
      },
    });
  await eventually(async () => {
    if ((await ask('', 'GET')).status !== 200) throw new Error('the registry does not answer yet');
  });
  return {
    name,
    digest: async (repository, tag) =>
      (await ask(`${repository}/manifests/${tag}`, 'HEAD')).headers.get('docker-content-digest') ?? undefined,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(own, { recursive: true, force: true });
    },
  };
}
