import { execFile } from 'node:child_process';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An authority of the test’s own with what it signed: for an engine at 127.0.0.1, and for a client (ca.pem, cert.pem and key.pem in `client`). */
export interface Certificates {
  readonly ca: string;
  readonly server_cert: string;
  readonly server_key: string;
  readonly client: string;
}

/** Made by openssl, good for a day. */
export async function certificates(folder: string): Promise<Certificates> {
  const client = join(folder, 'client');
  await mkdir(client, { recursive: true });
  const openssl = (...words: readonly string[]): Promise<unknown> => run('openssl', words, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '1',
    '-subj',
    '/CN=test',
  );
  const signed = async (name: string, extensions: string): Promise<void> => {
    await writeFile(join(folder, `${name}.ext`), extensions);
    await openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1'];
    const what = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`];
    await openssl('x509', '-req', ...what, ...by);
  };
  await signed('server', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  await signed('me', 'extendedKeyUsage=clientAuth\n');
  await rename(join(folder, 'me.pem'), join(client, 'cert.pem'));
  await rename(join(folder, 'me.key'), join(client, 'key.pem'));
  await run('cp', [join(folder, 'ca.pem'), client]);
  const ca = join(folder, 'ca.pem');
  return { ca, client, server_cert: join(folder, 'server.pem'), server_key: join(folder, 'server.key') };
}
