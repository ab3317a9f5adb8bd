import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { anEngineUnderTest } from '../support/an-engine-under-test.ts';
import { reconciling } from './suite.ts';
import { reconcilingBesideOthers } from './suite-beside-others.ts';

const open = async () => {
  const engine = openMemoryEngine();
  await engine.images.pull('busybox:latest', {});
  return await anEngineUnderTest(engine, 'reconcile-memory');
};

reconciling('the memory engine', open, [0, 1, 2, 3, 4, 5, 6]);
reconcilingBesideOthers('the memory engine', open);
