import { openMemoryEngine } from '../../../src/engine/memory/memory-engine.ts';
import { serveEngine } from '../../../src/engine/memory/serve-engine.ts';
import { openEngine } from '../../../src/engine/open-engine.ts';
import { aFolder } from '../../support/a-folder.ts';
import { anEngineUnderTest, type EngineUnderTest } from '../../support/an-engine-under-test.ts';
import { engineConformance } from './suite.ts';
import { fileConformance } from './suite-of-files.ts';
import { imageConformance } from './suite-of-images.ts';
import { logConformance } from './suite-of-logs.ts';
import { sessionConformance } from './suite-of-sessions.ts';
import { surroundingConformance } from './suite-of-surroundings.ts';

const inProcess = async (): Promise<EngineUnderTest> => {
  const engine = openMemoryEngine();
  await engine.images.pull('busybox:latest', {});
  return await anEngineUnderTest(engine, 'conformance');
};

const overSocket = async (): Promise<EngineUnderTest> => {
  const engine = openMemoryEngine();
  await engine.images.pull('busybox:latest', {});
  const folder = await aFolder();
  const served = await serveEngine(engine, `${folder.path}/e.sock`);
  const mine = await anEngineUnderTest(openEngine(`memory://${folder.path}/e.sock`), 'conformance');
  return {
    ...mine,
    [Symbol.asyncDispose]: async () => {
      try {
        await mine[Symbol.asyncDispose]();
      } finally {
        await served.close();
        await folder[Symbol.asyncDispose]();
      }
    },
  };
};

engineConformance('the memory engine', inProcess);
imageConformance('the memory engine', inProcess);
imageConformance('the memory engine over its socket', overSocket);
logConformance('the memory engine', inProcess);
engineConformance('the memory engine over its socket', overSocket);
logConformance('the memory engine over its socket', overSocket);
sessionConformance('the memory engine', inProcess);
sessionConformance('the memory engine over its socket', overSocket);
surroundingConformance('the memory engine', inProcess);
surroundingConformance('the memory engine over its socket', overSocket);
fileConformance('the memory engine', { open: inProcess, does: false });
fileConformance('the memory engine over its socket', { open: overSocket, does: false });
