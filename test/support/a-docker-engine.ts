import { openEngine } from '../../src/engine/open-engine.ts';
import { anEngineUnderTest, type EngineUnderTest } from './an-engine-under-test.ts';
import { needImages, testEngine } from './engine.ts';

/** The adapter on the real engine, for one test file. */
export async function aDockerEngine(file: string): Promise<EngineUnderTest> {
  const { host } = await testEngine();
  await needImages('busybox:latest');
  return await anEngineUnderTest(openEngine(host), file);
}
