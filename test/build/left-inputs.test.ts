import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { aFolder } from '../support/a-folder.ts';

test('secrets and tars that a killed Berth left of builds that are no more are removed when it starts', async () => {
  await using folder = await aFolder();
  const builds = `${folder.path}/builds`;
  await mkdir(builds, { recursive: true, mode: 0o700 });
  for (const name of ['build_gone.json', 'build_gone.tar']) await writeFile(`${builds}/${name}`, 'secret');
  await using _ = await createApp({ engine: openMemoryEngine(), state: folder.path, serve: false });
  expect(await readdir(builds)).toEqual([]);
});
