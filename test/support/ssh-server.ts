import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { theLab } from './own-engine.ts';

const run = promisify(execFile);

/** An sshd on a loopback port, that lets `root` in by a key of the test’s own; an ssh that knows it and nobody else is first on `path`. */
export interface SshServer extends AsyncDisposable {
  readonly port: number;
  readonly path: string;
  /** Processes of ssh that go on now. */
  clients(): Promise<number>;
  /** Another key than the one that is let in; `undefined`: the right one again. */
  use(key: 'stranger' | 'right'): Promise<void>;
  /** Whether the server’s key is known. */
  know(isKnown: boolean): Promise<void>;
  /** Take away `docker` on the server’s side, or put it back. */
  docker(isThere: boolean): Promise<void>;
}

/**
 * `socket` is what `docker system dial-stdio` leads to over there: a few lines of Node in place of docker’s client, which does
 * nothing else, either.
 */
export async function sshServer(socket: string): Promise<SshServer> {
  const { installed } = await theLab();
  const folder = await mkdtemp(join(tmpdir(), 'ssh-'));
  const at = (name: string): string => join(folder, name);
  const port = await freePort();
  await Promise.all(['bin', 'there'].map((name) => mkdir(at(name))));
  for (const name of ['host', 'right', 'stranger'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)], {
      env: environment(installed),
    });
  await copyFile(at('right.pub'), at('authorized'));
  await writeFile(at('passwd'), PASSWD);
  await writeFile(at('shadow'), 'root:*:19000:0:99999:7:::\nsshd:!:19000::::::\n');
  await writeFile(at('sshd_config'), serverConfig(folder, port));
  await writeFile(at('dial.mjs'), DIAL);
  const docker = async (isThere: boolean): Promise<void> => {
    if (!isThere) return await rm(at('there/docker'));
    await writeFile(
      at('there/docker'),
      `#!/bin/sh\nexec ${process.execPath} ${at('dial.mjs')} ${socket} "$@"\n`,
    );
    await chmod(at('there/docker'), 0o755);
  };
  const use = (key: string): Promise<void> => writeFile(at('ssh_config'), clientConfig(folder, key));
  const know = async (isKnown: boolean): Promise<void> =>
    writeFile(
      at('known'),
      isKnown ? `[127.0.0.1]:${port} ${(await readFile(at('host.pub'), 'utf8')).trim()}\n` : '',
    );
  await Promise.all([docker(true), use('right'), know(true)]);
  await writeFile(at('bin/ssh'), `#!/bin/sh\nexec ${await realSsh(installed)} -F ${at('ssh_config')} "$@"\n`);
  await chmod(at('bin/ssh'), 0o755);
  const server = startServer(folder, installed);
  await eventually(() => answers(port));
  return {
    port,
    path: `${at('bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    use,
    know,
    docker,
    clients: async () => {
      const { stdout } = await run('ps', ['-eo', 'args']);
      return stdout.split('\n').filter((line) => line.includes(at('ssh_config'))).length;
    },
    [Symbol.asyncDispose]: async () => {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Installed = Awaited<ReturnType<typeof theLab>>['installed'];

function environment({ libraries, bin }: Installed): NodeJS.ProcessEnv {
  return { ...process.env, LD_LIBRARY_PATH: libraries, PATH: `${process.env['PATH']}${delimiter}${bin}` };
}

async function realSsh({ bin }: Installed): Promise<string> {
  const { stdout } = await run('sh', ['-c', `command -v ssh || echo ${join(bin, 'ssh')}`]);
  return stdout.trim();
}

/** In a mount namespace of its own: it asks for a user `sshd` and a /run/sshd that this machine need not have. */
function startServer(folder: string, installed: Installed): ChildProcess {
  const script = [
    `mount --bind ${join(folder, 'passwd')} /etc/passwd`,
    `mount --bind ${join(folder, 'shadow')} /etc/shadow`,
    'mount -t tmpfs none /run',
    'mkdir -m 755 /run/sshd',
    `exec ${join(installed.bin, 'sshd')} -D -e -f ${join(folder, 'sshd_config')}`,
  ].join(' && ');
  return spawn('unshare', ['--mount', 'sh', '-c', script], {
    stdio: 'ignore',
    env: environment(installed),
  });
}

function answers(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', () => {
      socket.destroy();
      resolve();
    });
  });
}

const PASSWD = `root:x:0:0:root:/root:/bin/sh
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;

const serverConfig = (folder: string, port: number): string => `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host
AuthorizedKeysFile ${folder}/authorized
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
PidFile none
MaxStartups 100
SetEnv PATH=${folder}/there:/usr/bin:/bin
`;

const clientConfig = (folder: string, key: string): string => `IdentityFile ${folder}/${key}
IdentitiesOnly yes
IdentityAgent none
UserKnownHostsFile ${folder}/known
GlobalKnownHostsFile none
StrictHostKeyChecking yes
`;

const DIAL = `import { connect } from 'node:net';
const [, , usual, ...words] = process.argv;
const host = words[0] === '--host' ? words.splice(0, 2)[1].replace('unix://', '') : usual;
if (words.join(' ') !== 'system dial-stdio') process.exit(1);
const socket = connect({ path: host, allowHalfOpen: true });
socket.on('error', () => process.exit(1));
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on('close', () => process.exit(0));
`;
