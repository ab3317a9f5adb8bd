import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemoryEngine } from '../../../src/engine/memory/memory-engine.ts';
import { serveEngine } from '../../../src/engine/memory/serve-engine.ts';
import { openEngine } from '../../../src/engine/open-engine.ts';
import { anEngineUnderTest } from '../../support/an-engine-under-test.ts';
import { engineConformance } from './suite.ts';

engineConformance('the memory engine', async () => {
  const engine = openMemoryEngine();
  await engine.images.pull('busybox:latest', {});
  return await anEngineUnderTest(engine, 'conformance');
});

engineConformance('the memory engine over its socket', async () => {
  const engine = openMemoryEngine();
  await engine.images.pull('busybox:latest', {});
  const folder = await mkdtemp(join(tmpdir(), 'memory-'));
  const served = await serveEngine(engine, join(folder, 'e.sock'));
  const mine = await anEngineUnderTest(openEngine(`memory://${folder}/e.sock`), 'conformance');
  return {
    ...mine,
    [Symbol.asyncDispose]: async () => {
      await mine[Symbol.asyncDispose]();
      await served.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
