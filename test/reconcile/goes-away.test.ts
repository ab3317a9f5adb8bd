import { expect, test } from 'vitest';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { aReconciler } from '../support/a-reconciler.ts';

/** Removes a container as slowly as that: it is seen no more, and its name is taken for so many creates. */
async function slowlyRemoving(creates: number): Promise<Engine> {
  const memory = openMemoryEngine();
  await memory.images.pull('busybox:latest', {});
  let left = creates;
  return {
    ...memory,
    containers: {
      ...memory.containers,
      create: async (request, signal) => {
        left -= 1;
        if (left < 0) return memory.containers.create(request, signal);
        throw new ContractError('name_conflict', `the name ${request.name} is taken by container 0123`, {
          details: { holder: '0123'.repeat(16) },
        });
      },
    },
  };
}

test('a name whose container the engine is still removing is waited for', async () => {
  const berth = aReconciler(await slowlyRemoving(3), 'going');
  const { outcome } = await berth.run(berth.wants('web', {}));
  expect(outcome).toMatchObject({ kind: 'settled', container: { state: 'running' } });
});

test('one that takes long to go is no failure: it is looked at again', async () => {
  const berth = aReconciler(await slowlyRemoving(1000), 'going');
  const { outcome } = await berth.run(berth.wants('web', {}));
  expect(outcome).toEqual({
    kind: 'waiting',
    message: 'the name going_web is taken by container 0123, which is being removed',
  });
});

test('a name that somebody has is a failure', async () => {
  const engine = await slowlyRemoving(0);
  await engine.containers.create({
    ...{ name: 'going_web', spec: { image: 'busybox:latest' }, labels: {}, aliases: [] },
    ...{ restart_policy: 'no', keep_volumes: {} },
  });
  const { outcome } = await aReconciler(engine, 'going').run(aReconciler(engine, 'going').wants('web', {}));
  expect(outcome).toMatchObject({ kind: 'failed', code: 'name_conflict' });
});
