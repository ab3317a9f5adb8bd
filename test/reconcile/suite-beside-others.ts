import { describe, expect, test } from 'vitest';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';
import { ground } from './ground.ts';

/** What reconciling promises of networks, and of what is somebody else’s, on any engine. */
export function reconcilingBesideOthers(what: string, open: () => Promise<EngineUnderTest>): void {
  describe(`reconciling beside others on ${what}`, () => {
    const at = ground(open, 'beside');

    describe('a network', () => {
      test('is made with its first user and goes with its last; all who make it at once have one', async () => {
        const network = at.berth.name('net');
        const rows = [1, 2, 3, 4].map((n) => at.berth.wants(`net${n}`, { network }));
        const outcomes = await Promise.all(rows.map((row) => at.berth.run(row)));
        expect(outcomes).toEqual(
          rows.map(() => expect.objectContaining({ outcome: expect.objectContaining({ kind: 'settled' }) })),
        );
        const named = (await at.docker.engine.networks.list({})).filter(({ name }) => name === network);
        expect(named).toHaveLength(1);
        for (const row of rows.slice(1))
          await at.berth.run({ ...row, state: 'removed' }, { isNetworkWanted: (name) => name === network });
        expect(await at.docker.engine.networks.inspect(network)).toBeDefined();
        const { steps } = await at.berth.run({ ...at.berth.wants('net1', { network }), state: 'removed' });
        expect(steps).toEqual(['stop_container net1', 'remove_container net1', 'remove_network net']);
        expect(await at.docker.engine.networks.inspect(network)).toBeUndefined();
      });

      test('goes with its last users, however many of them go at once', async () => {
        const network = at.berth.name('crowd');
        const rows = [1, 2, 3].map((n) => at.berth.wants(`crowd${n}`, { network }));
        for (const row of rows) await at.up(row);
        // Each has planned, and has seen the others on it, before any of them is removed.
        let planned = 0;
        const all = Promise.withResolvers<void>();
        const beforeRemove = (): Promise<void> => {
          planned += 1;
          if (planned === rows.length) all.resolve();
          return all.promise;
        };
        const gone = rows.map((row) => at.berth.run({ ...row, state: 'removed' }, { beforeRemove }));
        for (const { outcome } of await Promise.all(gone)) expect(outcome.kind).toBe('settled');
        expect(await at.docker.engine.networks.inspect(network)).toBeUndefined();
      });

      test('removed under a stopped container is made and joined again', async () => {
        const network = at.berth.name('lost');
        const desired = at.berth.wants('lost', { network });
        await at.up(desired);
        await at.berth.run({ ...desired, state: 'stopped' });
        expect(await at.docker.engine.networks.remove(network)).toBe('removed');
        const { outcome, steps } = await at.berth.run(desired);
        expect(steps).toEqual([
          'create_network lost',
          'disconnect_network lost ↔ lost',
          'connect_network lost ↔ lost',
          'start_container lost',
        ]);
        expect(outcome).toMatchObject({
          kind: 'settled',
          container: {
            state: 'running',
            networks: [{ network, aliases: expect.arrayContaining([desired.name]) }],
          },
        });
        expect((await at.berth.run(desired)).steps).toEqual([]);
        await at.berth.run({ ...desired, state: 'removed' });
      });

      test('that a container was taken off is joined again, while it runs', async () => {
        const network = at.berth.name('off');
        const desired = at.berth.wants('off', { network });
        const before = await at.up(desired);
        await at.docker.engine.networks.disconnect(network, before.id, { force: true });
        expect((await at.berth.run(desired)).steps).toEqual(['connect_network off ↔ off']);
        expect(await at.berth.seen(desired)).toMatchObject({ ...before, networks: [{ network }] });
        await at.berth.run({ ...desired, state: 'removed' });
      });
    });

    describe('what is somebody else’s', () => {
      test('and has the name is refused with its id, and untouched by any wish', async () => {
        const id = await at.docker.create('held', { spec: { command: 'sleep 600' } });
        await at.docker.engine.containers.start(id);
        const desired = { ...at.berth.wants('foreign', {}), name: at.docker.name('held') };
        const before = await at.docker.engine.containers.inspect(id);
        const { outcome } = await at.berth.run(desired);
        expect(outcome).toMatchObject({ kind: 'failed', code: 'name_conflict', container: undefined });
        expect(outcome.kind === 'failed' && outcome.message).toContain(id.slice(0, 12));
        for (const state of ['stopped', 'removed'] as const)
          expect(await at.berth.run({ ...desired, state })).toMatchObject({
            steps: [],
            outcome: { container: undefined },
          });
        expect(await at.docker.engine.containers.inspect(id)).toEqual(before);
      });

      test('and has the network’s or the volume’s name is refused', async () => {
        const taken = at.docker.name('taken');
        await at.docker.engine.networks.create({ name: taken, labels: at.docker.labels });
        await at.docker.engine.volumes.create({ name: taken, labels: at.docker.labels });
        for (const spec of [{ network: taken }, { volumes: [{ name: taken, container: '/data' }] }]) {
          const { outcome, steps } = await at.berth.run(at.berth.wants('taken', spec));
          expect(outcome).toMatchObject({ kind: 'failed', code: 'name_conflict' });
          expect(steps).toEqual([]);
        }
      });
    });
  });
}
