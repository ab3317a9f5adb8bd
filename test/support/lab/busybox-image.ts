import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pack } from 'tar-stream';

/** A root file system of a static busybox with all its applets. */
export async function* busyboxTar(binary: string): AsyncGenerator<Buffer> {
  const applets = execFileSync(binary, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  const tar = pack();
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev', 'root', 'www', 'var'])
    tar.entry({ name, type: 'directory', mode: name === 'tmp' ? 0o1777 : 0o755 });
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, readFileSync(binary));
  for (const name of applets.filter((applet) => applet !== 'busybox'))
    tar.entry({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' });
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  tar.entry({ name: 'etc/group' }, 'root:x:0:\nnobody:x:65534:\n');
  tar.finalize();
  for await (const part of tar) yield part as Buffer;
}
