import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import { ensureNetwork } from '../../../src/engine/ensure-network.ts';
import { ensureVolume } from '../../../src/engine/ensure-volume.ts';
import type { EngineUnderTest } from '../../support/an-engine-under-test.ts';
import { eventually } from '../../support/eventually.ts';

const coded = (code: ErrorCode) => expect.toSatisfy((error: unknown) => isContractError(error, code));
const identity = { instance: 'conformance', key: Buffer.alloc(32, 'conformance') };

/** What every engine behind the port does alike with networks, volumes and itself. */
export function surroundingConformance(what: string, open: () => Promise<EngineUnderTest>): void {
  describe(`${what}, around containers`, () => {
    let mine: EngineUnderTest;
    beforeAll(async () => {
      mine = await open();
    });
    afterAll(() => mine[Symbol.asyncDispose]());

    test('a network has the settings that it was made with, and a driver that is none is unsupported', async () => {
      const { networks } = mine.engine;
      const name = mine.name('settings');
      const settings = {
        ...{ driver: 'bridge', internal: true, options: { 'com.docker.network.driver.mtu': '1400' } },
        ipam: { config: [{ subnet: '10.89.7.0/24', gateway: '10.89.7.1' }] },
      };
      const { id } = await networks.create({ name, labels: mine.labels, ...settings });
      const seen = await networks.inspect(id);
      expect(seen).toMatchObject({
        ...settings,
        scope: 'local',
        attachable: false,
        ipv6: false,
        members: [],
      });
      expect(seen?.created_at).toBeDefined();
    });

    test('what nobody uses is dangling, and a list that asks for that holds nothing else', async () => {
      const { networks, volumes, containers } = mine.engine;
      const labels = { ...mine.labels, kind: 'dangling' };
      for (const short of ['idle', 'busy']) {
        await networks.create({ name: mine.name(short), labels });
        await volumes.create({ name: mine.name(short), labels });
      }
      const id = await mine.create('user', {
        spec: {
          ...{ command: 'sleep 600', network: mine.name('busy') },
          volumes: [{ name: mine.name('busy'), container: '/data' }],
        },
      });
      await containers.start(id);
      const names = async (list: Promise<readonly { readonly name: string }[]>) =>
        (await list).map(({ name }) => name);
      for (const calls of [networks, volumes]) {
        expect(await names(calls.list({ labels, dangling: true }))).toEqual([mine.name('idle')]);
        expect(await names(calls.list({ labels, dangling: false }))).toEqual([mine.name('busy')]);
        expect(await names(calls.list({ labels }))).toHaveLength(2);
      }
      await containers.remove(id, { force: true, anonymous_volumes: true });
    });

    test('a network and a volume are ensured once, by many at once, and refused with other settings or labels', async () => {
      const { engine } = mine;
      const wanted = { name: mine.name('ensured'), labels: { ...mine.labels, a: '1' } };
      const made = await Promise.all([1, 2, 3].map(() => ensureNetwork(engine, identity, wanted)));
      expect(new Set(made.map(({ network }) => network.id)).size).toBe(1);
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      await expect(ensureNetwork(engine, identity, { ...wanted, internal: true })).rejects.toEqual(
        coded('name_conflict'),
      );
      const kept = await Promise.all([1, 2, 3].map(() => ensureVolume(engine, identity, wanted)));
      expect(kept.filter(({ created }) => created)).toHaveLength(1);
      for (const other of [{ labels: { ...wanted.labels, a: '2' } }, { options: { o: 'size=1m' } }])
        await expect(ensureVolume(engine, identity, { ...wanted, ...other })).rejects.toEqual(
          coded('name_conflict'),
        );
      const stranger = { ...identity, instance: 'stranger' };
      await expect(ensureVolume(engine, stranger, wanted)).rejects.toEqual(coded('name_conflict'));
      await expect(ensureNetwork(engine, stranger, wanted)).rejects.toEqual(coded('name_conflict'));
    });

    test('events can be asked for by type, action and what they are about', async () => {
      const { system, networks } = mine.engine;
      const reader = new AbortController();
      const told: string[] = [];
      let connected = false;
      const query = { type: ['network'], action: ['create', 'destroy'], network: [mine.name('told')] };
      const reading = (async () => {
        for await (const event of system.events(query, reader.signal))
          if ('action' in event) told.push(`${event.action} ${event.name}`);
          else connected = true;
      })();
      await eventually(() => expect(connected).toBe(true));
      await networks.create({ name: mine.name('untold'), labels: mine.labels });
      await networks.create({ name: mine.name('told'), labels: mine.labels });
      await networks.remove(mine.name('told'));
      const name = mine.name('told');
      await eventually(() => expect(told).toEqual([`create ${name}`, `destroy ${name}`]));
      reader.abort();
      await expect(reading).rejects.toEqual(coded('aborted'));
    });

    test('it says what it and its machine are like', async () => {
      const { system } = mine.engine;
      const info = await system.info();
      expect(info).toMatchObject({ os: 'linux', limits: { memory: expect.any(Boolean) } });
      expect(info.network_drivers).toContain('bridge');
      expect(info.volume_drivers).toContain('local');
      expect((await system.ping()).api_oldest).toMatch(/^1\.\d+$/);
    });
  });
}
