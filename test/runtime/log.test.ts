import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { aFolder } from '../support/a-folder.ts';

const run = promisify(execFile);
const LOG = new URL('../../src/runtime/log.ts', import.meta.url).href;
const SCRIPT = `import { createLog } from '${LOG}';
createLog('warn').warn({ worker: '1.2', token: 'hush' }, 'a worker ended');`;

test('a log is JSON lines for programs, and lines for people on a terminal; secrets are hidden in both', async () => {
  await using folder = await aFolder();
  const script = await folder.write('say.mts', SCRIPT);
  const plain = await run(process.execPath, [script]);
  expect(JSON.parse(plain.stderr)).toMatchObject({ worker: '1.2', token: '[hidden]', msg: 'a worker ended' });
  // `script` gives it a terminal.
  const words = ['-qec', `'${process.execPath}' '${script}'`, '/dev/null'];
  const terminal = await run('script', words, { env: { ...process.env, NO_COLOR: '1' } });
  expect(terminal.stdout).toMatch(/^\[\d\d:\d\d:\d\d\] WARN: a worker ended \{.*"worker":"1\.2".*\}/);
  expect(terminal.stdout).not.toContain('hush');
});
