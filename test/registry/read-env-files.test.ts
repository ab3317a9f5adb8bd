import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readEnvFiles } from '../../src/registry/read-env-files.ts';
import { aFolder } from '../support/a-folder.ts';

test('files of variables are read in order, and the later wins', async () => {
  await using folder = await aFolder();
  const one = await folder.write('one.env', 'A=1\n# a remark\nexport B="two words"\n');
  const two = await folder.write('two.env', 'A=3\n');
  expect(await readEnvFiles([one, two])).toEqual({ A: '3', B: 'two words' });
});

test('what is no file, or too long, is refused at once: a pipe, a device, a folder', async () => {
  await using folder = await aFolder();
  const pipe = `${folder.path}/pipe`;
  await promisify(execFile)('mkfifo', [pipe]);
  const long = await folder.write('long.env', `A=${'x'.repeat(1024 * 1024)}`);
  for (const file of [pipe, '/dev/zero', '/dev/null', folder.path, long, `${folder.path}/nothing`])
    await expect(readEnvFiles(file), file).rejects.toMatchObject({ code: 'invalid_input' });
});
