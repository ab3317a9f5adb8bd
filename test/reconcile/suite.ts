import { describe, expect, test } from 'vitest';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { ground } from './ground.ts';

/** What reconciling promises on any engine. `boundaries`: before which steps a worker loses its claim. */
export function reconciling(
  what: string,
  open: () => Promise<EngineUnderTest>,
  boundaries: readonly number[],
): void {
  describe(`reconciling on ${what}`, () => {
    const at = ground(open, 'reconciled');

    describe('a container that is wanted', () => {
      test('is made and started, told as it goes, and then adopted in silence', async () => {
        const desired = at.berth.wants('plain', {});
        const first = await at.berth.run(desired);
        expect(first.steps).toEqual(['create_container plain', 'start_container plain']);
        expect(first.phases).toEqual(['creating', 'starting']);
        expect(first.outcome).toMatchObject({
          kind: 'settled',
          started: true,
          container: { state: 'running' },
        });
        const seen = await at.berth.seen(desired);
        expect(first.hooks).toEqual([`1 start ${seen?.id}`]);
        const again = await at.berth.run(desired, { engine_id: seen?.id ?? null });
        expect(again.steps).toEqual([]);
        expect(again.outcome).toMatchObject({ kind: 'settled', started: false, container: { id: seen?.id } });
      });

      test('that ends well at once has run, and is not started again in its generation', async () => {
        const desired = at.berth.wants('job', { command: 'true' });
        const { outcome } = await at.berth.run(desired);
        expect(outcome).toMatchObject({
          kind: 'settled',
          started: true,
          container: { state: 'exited', exit_code: 0 },
        });
        expect((await at.berth.run({ ...desired, started: true })).steps).toEqual([]);
        expect((await at.berth.run(desired)).steps).toEqual(['start_container job']);
      });

      test('is removed with its name free again, and a removal of nothing is done', async () => {
        const desired = at.berth.wants('gone', {});
        await at.up(desired);
        const removed = { ...desired, state: 'removed' as const };
        const { steps, outcome } = await at.berth.run(removed);
        expect(steps).toEqual(['stop_container gone', 'remove_container gone']);
        expect(outcome).toMatchObject({ kind: 'settled', container: undefined });
        expect(await at.berth.seen(desired)).toBeUndefined();
        expect((await at.berth.run(removed)).outcome).toMatchObject({
          kind: 'settled',
          container: undefined,
        });
      });
    });

    describe('a changed spec', () => {
      test('changes limits and restart policy in place: the same container, the same start', async () => {
        const before = await at.up(at.berth.wants('limits', { memory_limit: 64 << 20, cpu_limit: 0.5 }));
        const desired = at.berth.wants('limits', {
          memory_limit: 96 << 20,
          cpu_limit: 1 / 3,
          restart_policy: 'always',
        });
        expect((await at.berth.run(desired)).steps).toEqual(['update_container limits']);
        expect(await at.berth.seen(desired)).toMatchObject({
          ...before,
          memory_limit: 96 << 20,
          restart_policy: 'always',
        });
        expect((await at.berth.run(desired)).steps).toEqual([]);
      });

      test('reads the former log to its end before the new container starts', async () => {
        const before = await at.up(at.berth.wants('order', {}));
        const { steps, hooks, outcome } = await at.berth.run(at.berth.wants('order', { env: { A: '1' } }));
        expect(steps).toEqual([
          'rename_container order → order.berth-old',
          'create_container order',
          'stop_container order.berth-old',
          'start_container order',
          'remove_container order.berth-old',
        ]);
        const id = outcome.kind === 'settled' ? outcome.container?.id : undefined;
        expect(hooks).toEqual([`3 remove ${before.id}`, `3 start ${id}`]);
        expect(await at.docker.engine.containers.inspect(before.id)).toBeUndefined();
      });

      test('waits for the end of a log only once its container has stopped, also beside one left from before', async () => {
        await at.up(at.berth.wants('left', {}));
        let begun = 0;
        // Lost right before the former container is removed.
        await at.berth.run(at.berth.wants('left', { env: { A: '1' } }), {
          holds: () => begun < 4,
          onStep: () => {
            begun += 1;
          },
        });
        const states: (string | undefined)[] = [];
        const { outcome } = await at.berth.run(at.berth.wants('left', { env: { A: '2' } }), {
          beforeRemove: async (id) => {
            states.push((await at.docker.engine.containers.inspect(id))?.state);
          },
        });
        expect(outcome).toMatchObject({ kind: 'settled', container: { state: 'running' } });
        expect(states).toEqual(['exited', 'exited']);
      });

      test('that does not stay up brings the former container back, running, and says why', async () => {
        const before = await at.up(at.berth.wants('rollback', {}));
        const { outcome } = await at.berth.run(at.berth.wants('rollback', { command: 'exit 3' }));
        expect(outcome).toMatchObject({
          kind: 'failed',
          code: 'start_failed',
          rolled_back: true,
          container: { id: before.id, state: 'running' },
        });
        expect(outcome.kind === 'failed' && outcome.message).toContain('does not stay up');
        expect(
          await at.docker.engine.containers.inspect(`${at.berth.name('rollback')}.berth-old`),
        ).toBeUndefined();
      });

      test('whose port is taken says by whom, and brings the former container back', async () => {
        await at.up(at.berth.wants('holder', { ports: [{ host: 47_113, container: 80 }] }));
        const before = await at.up(at.berth.wants('port', {}));
        const { outcome } = await at.berth.run(
          at.berth.wants('port', { ports: [{ host: 47_113, container: 80 }] }),
        );
        expect(outcome).toMatchObject({
          kind: 'failed',
          code: 'port_conflict',
          rolled_back: true,
          container: { id: before.id, state: 'running' },
        });
        expect(outcome.kind === 'failed' && outcome.message).toContain(at.berth.name('holder'));
      });

      test('ends in one container that is right, whichever step a worker loses it before', async () => {
        for (const boundary of boundaries) {
          const short = `broken${boundary}`;
          await at.up(at.berth.wants(short, {}));
          const desired = at.berth.wants(short, { env: { A: '1' } });
          let begun = 0;
          const first = await at.berth.run(desired, {
            holds: () => begun < boundary,
            onStep: () => {
              begun += 1;
            },
          });
          expect(first.outcome.kind).toBe(boundary < 5 ? 'lost' : 'settled');
          const { outcome } = await at.berth.run(desired);
          expect(outcome).toMatchObject({ kind: 'settled', container: { state: 'running' } });
          const all = await at.docker.engine.containers.list({ labels: { 'berth.id': desired.id } });
          expect(all.map(({ name }) => name)).toEqual([desired.name]);
          expect((await at.berth.run(desired)).steps).toEqual([]);
          await at.berth.run({ ...desired, state: 'removed' });
        }
      });
    });

    test('nothing is done once the claim is lost, nor once the phase cannot be written', async () => {
      const desired = at.berth.wants('lost-claim', {});
      expect(await at.berth.run(desired, { holds: () => false })).toMatchObject({
        outcome: { kind: 'lost' },
        steps: [],
      });
      expect(await at.berth.run(desired, { entering: () => false })).toMatchObject({
        outcome: { kind: 'lost' },
        steps: [],
      });
      const ending = AbortSignal.abort();
      expect(await at.berth.run(desired, { signal: ending })).toMatchObject({
        outcome: { kind: 'lost' },
        steps: [],
      });
      expect(await at.berth.seen(desired)).toBeUndefined();
      let holds = true;
      const { outcome, steps } = await at.berth.run(desired, {
        holds: () => holds,
        beforeStart: async () => {
          holds = false;
        },
      });
      expect(outcome).toEqual({ kind: 'lost' });
      expect(steps).toEqual(['create_container lost-claim']);
      expect(await at.berth.seen(desired)).toMatchObject({ state: 'created' });
    });

    test('an image that no registry has fails with its own code, and leaves what runs alone', async () => {
      const before = await at.up(at.berth.wants('image', {}));
      const { outcome } = await at.berth.run(
        at.berth.wants('image', { image: 'berth-has-no-such-image:never' }),
      );
      expect(outcome).toMatchObject({ kind: 'failed', rolled_back: false, container: before });
      expect(outcome.kind === 'failed' && outcome.code).toMatch(/^image_/);
    });
  });
}
