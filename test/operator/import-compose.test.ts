import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importCompose } from '../../src/operator/import-compose.ts';
import { findingsOf, readRegistry } from '../../src/operator/validate.ts';
import { aFolder } from '../support/a-folder.ts';

test('an imported folder is written, is in order, and is not written over', async () => {
  await using folder = await aFolder();
  const app = join(folder.path, 'app');
  await mkdir(join(app, 'src'), { recursive: true });
  await writeFile(
    join(app, 'compose.yaml'),
    `name: shop
services:
  web: {image: a, volumes: ["./src:/src", "data:/data"], env_file: web.env, develop: {}, isolation: hyperv}
volumes: {data: }`,
  );
  await writeFile(join(app, 'web.env'), 'A=1');
  const into = join(folder.path, 'registry/shop');
  const asked = { files: [join(app, 'compose.yaml')], profiles: [], into, force: false };
  const report = await importCompose(asked, {});
  expect(report.written).toEqual([join(into, '_index.yaml'), join(into, 'policy.yaml')]);
  expect(report.problems.map(({ level }) => level)).toEqual(['error', 'note']);
  expect(report.problems[0]?.text).toMatch(/compose\.yaml:3:\d+: services\.web: isolation: is of Windows/);
  expect(await readFile(join(into, 'policy.yaml'), 'utf8')).toContain(`path: ${join(app, 'src')}`);
  const seen = await readRegistry({ roots: [into] }, {}, Date.now());
  expect(findingsOf(seen, into)).toEqual([]);
  expect(seen.entries[0]).toMatchObject({
    id: 'shop:web',
    spec: {
      env: { A: '1' },
      volumes: [
        { host: join(app, 'src'), container: '/src' },
        { name: 'shop_data', container: '/data' },
      ],
    },
  });
  await expect(importCompose(asked, {})).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('is there already'),
  });
  expect((await importCompose({ ...asked, force: true }, {})).written).toHaveLength(2);
  expect((await importCompose({ ...asked, into: '-' }, {})).written).toEqual([]);
});
