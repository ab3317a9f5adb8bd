import { rmSync, writeFileSync } from 'node:fs';
import { runCommand } from '../../../src/private-engine/run-command.ts';

/** A network namespace with nothing but its loopback, held by a file. `busybox` is a static one: iproute2 may not be there. */
export async function makeNetns(path: string, busybox: string): Promise<void> {
  writeFileSync(path, '');
  await runCommand('unshare', [`--net=${path}`, busybox, 'ip', 'link', 'set', 'lo', 'up']);
}

export async function removeNetns(path: string): Promise<void> {
  await runCommand('umount', [path]);
  rmSync(path);
}
