import { expect, test, vi } from 'vitest';
import { aDoor } from '../support/a-door.ts';

test('update answers with what the engine warns of', async () => {
  await using door = await aDoor();
  const { id } = await door.docker.create({ name: 'one' });
  const now = Date.now();
  for (const { claim } of door.store.containers.claim({ worker: 'w', limit: 1, now, lease_ms: 60_000 }))
    door.store.containers.release(claim, { status: 'running', engine_id: 'e1' }, null, now);
  const warnings = ['Your kernel does not support swap limit capabilities'];
  vi.spyOn(door.engine.containers, 'update').mockResolvedValueOnce({ warnings });
  expect(await door.docker.update({ id, memory_limit: '64m' })).toMatchObject({
    changed: ['memory_limit'],
    warnings,
  });
});
