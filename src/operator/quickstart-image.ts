import { readFile } from 'node:fs/promises';
import { pack } from 'tar-stream';
import type { Engine } from '../engine/engine.ts';

/** The name that `registry/examples/quickstart` uses. */
export const QUICKSTART_IMAGE = 'berth/quickstart:latest';
const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];
const APPLETS = [
  'sh',
  'echo',
  'sleep',
  'date',
  'httpd',
  'cat',
  'ls',
  'hostname',
  'wget',
  'seq',
  'true',
  'kill',
  'ps',
  'nc',
  'mkdir',
  'printf',
  'test',
  '[',
];

/**
 * Make the quickstart’s image: from a static busybox of this machine (`ours` is the one that came with the private engine), with no
 * registry at all; else a pulled busybox gets our name.
 */
export async function makeQuickstartImage(
  engine: Engine,
  ours: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if ((await engine.images.inspect(QUICKSTART_IMAGE, signal)) !== undefined) return;
  const binary = await staticBusybox([...BUSYBOX, ours]);
  if (binary === undefined) {
    say(
      `There is no static busybox on this machine: pulling busybox:latest to make ${QUICKSTART_IMAGE} of it.`,
    );
    await engine.images.pull('busybox:latest', {}, signal);
    await engine.images.tag('busybox:latest', QUICKSTART_IMAGE, signal);
    return;
  }
  say(`Making the image ${QUICKSTART_IMAGE} here, from this machine’s busybox; no registry is asked.`);
  await engine.images.import(
    rootFileSystem(binary),
    QUICKSTART_IMAGE,
    { changes: ['ENV PATH=/bin', 'CMD ["sh"]'] },
    signal,
  );
}

async function staticBusybox(paths: readonly string[]): Promise<Buffer | undefined> {
  for (const path of paths) {
    const binary = await readFile(path).catch(() => undefined);
    // A dynamic one names its loader, and would need libraries.
    if (binary !== undefined && !/\/ld-(linux|musl)[^\0]*\0/.test(binary.toString('latin1', 0, 4096)))
      return binary;
  }
  return undefined;
}

async function* rootFileSystem(busybox: Buffer): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const folders = ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'www'];
  for (const name of folders) tar.entry({ name, type: 'directory', mode: name === 'tmp' ? 0o1777 : 0o755 });
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, busybox);
  for (const name of APPLETS) tar.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  tar.finalize();
  for await (const part of tar) yield part as Buffer;
}
