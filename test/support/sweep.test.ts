import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder } from './a-folder.ts';
import { startOf } from './lab/processes.ts';
import { sweepDeadLabs, writeOwner } from './lab/sweep.ts';

test('labs of dead runners are ended; those of live ones and unfinished ones are left', async () => {
  await using folder = await aFolder();
  const child = spawn('sleep', ['600']);
  const pid = child.pid ?? 0;
  const started = startOf(pid);
  await folder.write('berth-lab-dead/owner.json', JSON.stringify({ pid, started }));
  await folder.write('berth-lab-reused/owner.json', JSON.stringify({ pid: process.pid, started: '1' }));
  await folder.write('berth-lab-begun/other', '');
  await folder.write('something-else/owner.json', JSON.stringify({ pid, started }));
  mkdirSync(join(folder.path, 'berth-lab-live'));
  writeOwner(join(folder.path, 'berth-lab-live'));

  const ended: string[] = [];
  const sweep = (): Promise<void> =>
    sweepDeadLabs(folder.path, join(folder.path, 'lock'), async (lab) => void ended.push(lab));
  child.kill('SIGKILL');
  await once(child, 'close');
  await sweep();
  expect(ended.sort()).toEqual(['berth-lab-dead', 'berth-lab-reused'].map((name) => join(folder.path, name)));
});
