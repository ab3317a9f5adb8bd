import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { LogFrame } from '../../../src/engine/port/container-calls.ts';
import type { EngineUnderTest } from '../../support/an-engine-under-test.ts';
import { eventually } from '../../support/eventually.ts';

const GONE = { force: true, anonymous_volumes: true } as const;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;
const coded = (code: ErrorCode) => expect.toSatisfy((error: unknown) => isContractError(error, code));

/** What every engine behind the port does alike: its docstrings, as tests. */
export function engineConformance(what: string, open: () => Promise<EngineUnderTest>): void {
  describe(what, () => {
    let mine: EngineUnderTest;
    beforeAll(async () => {
      mine = await open();
    });
    afterAll(() => mine[Symbol.asyncDispose]());
    const refused = (call: Promise<unknown>, code: ErrorCode) => expect(call).rejects.toEqual(coded(code));
    const seen = (ref: string) => mine.engine.containers.inspect(ref);

    test('a paused container stays so until it goes on; what does not run is not paused', async () => {
      const { containers } = mine.engine;
      const id = await mine.create('frozen', { spec: { command: 'sleep 600' } });
      await refused(containers.pause(id), 'wrong_state');
      await refused(containers.pause(mine.name('nobody')), 'not_found');
      await containers.start(id);
      await containers.unpause(id);
      await containers.pause(id);
      await containers.pause(id);
      expect((await seen(id))?.state).toBe('paused');
      await refused(containers.start(id), 'wrong_state');
      await containers.unpause(id);
      expect((await seen(id))?.state).toBe('running');
      await containers.pause(id);
      await containers.stop(id, { timeout: 1 });
      expect((await seen(id))?.state).toBe('exited');
      await refused(containers.unpause(id), 'wrong_state');
    });

    test('a signal ends what runs, and nothing else can be sent one', async () => {
      const { containers } = mine.engine;
      const id = await mine.create('killed', { spec: { command: 'sleep 600' }, restart_policy: 'always' });
      await refused(containers.kill(id, 'SIGKILL'), 'wrong_state');
      await refused(containers.kill(mine.name('nobody'), 'SIGKILL'), 'not_found');
      await containers.start(id);
      await containers.kill(id, '9');
      await eventually(async () =>
        expect(await seen(id)).toMatchObject({ state: 'exited', exit_code: 137, restart_count: 0 }),
      );
    });

    test('a wait ends with the run, at once when there is none, and as aborted', async () => {
      const { containers } = mine.engine;
      const id = await mine.create('awaited', { spec: { command: ['sh', '-c', 'exit 7'] } });
      await refused(containers.wait(mine.name('nobody')), 'not_found');
      await containers.start(id);
      expect(await containers.wait(id)).toEqual({ exit_code: 7 });
      expect(await containers.wait(id)).toEqual({ exit_code: 7 });
      const long = await mine.create('awaited_long', { spec: { command: 'sleep 600' } });
      await containers.start(long);
      const caller = new AbortController();
      const given_up = refused(containers.wait(long, caller.signal), 'aborted');
      const ended = containers.wait(long);
      await containers.list({});
      caller.abort();
      await given_up;
      await containers.stop(long, { timeout: 1 });
      expect(await ended).toEqual({ exit_code: 143 });
    });

    test('details are what an inspect shows and more; processes and usage are asked of what runs', async () => {
      const { containers } = mine.engine;
      const id = await mine.create('detailed', {
        spec: { command: 'sleep 600', env: { A: 'b=c' }, work_dir: '/tmp' },
      });
      expect(await containers.details(mine.name('nobody'), { size: false })).toBeUndefined();
      expect(await containers.details(id, { size: false })).toMatchObject({
        id,
        name: mine.name('detailed'),
        state: 'created',
        work_dir: '/tmp',
        env: { A: 'b=c' },
        labels: mine.labels,
      });
      expect(await containers.stats(id)).toBeUndefined();
      expect(await containers.stats(mine.name('nobody'))).toBeUndefined();
      await refused(containers.top(id, '-ef'), 'wrong_state');
      await refused(containers.top(mine.name('nobody'), '-ef'), 'not_found');
    });

    test('a container goes from created to running to exited, with its times, and is gone once removed', async () => {
      const { containers } = mine.engine;
      const id = await mine.create('life', { spec: { command: 'sleep 600' } });
      expect(await seen(id)).toMatchObject({
        id,
        name: mine.name('life'),
        state: 'created',
        restart_count: 0,
      });
      expect((await seen(id))?.started_at).toBeUndefined();
      await containers.start(id);
      const running = await seen(id);
      expect(running).toMatchObject({ state: 'running', health: 'none', oom_killed: false });
      expect(running?.exit_code).toBeUndefined();
      expect(running?.created_at).toMatch(TIME);
      expect(running?.started_at).toMatch(TIME);
      await containers.start(id);
      expect((await seen(id))?.started_at).toBe(running?.started_at);
      await containers.stop(id, { timeout: 1 });
      const stopped = await seen(id);
      expect(stopped).toMatchObject({ state: 'exited', exit_code: 143 });
      expect((stopped?.finished_at ?? '') > (running?.started_at ?? '')).toBe(true);
      await containers.remove(id, GONE);
      expect(await seen(id)).toBeUndefined();
    });

    test('stop and remove of what is stopped or gone are done; start and rename of what is not there are not_found', async () => {
      const { containers } = mine.engine;
      const nobody = mine.name('nobody');
      await containers.stop(nobody, {});
      await containers.remove(nobody, GONE);
      await refused(containers.start(nobody), 'not_found');
      await refused(containers.rename(nobody, mine.name('somebody')), 'not_found');
      await refused(containers.update(nobody, { restart_policy: 'no' }), 'not_found');
      const id = await mine.create('still', {});
      await containers.stop(id, {});
      expect((await seen(id))?.state).toBe('created');
    });

    test('a removal without force of what runs is wrong_state', async () => {
      const id = await mine.create('busy', { spec: { command: 'sleep 600' } });
      await mine.engine.containers.start(id);
      await refused(
        mine.engine.containers.remove(id, { force: false, anonymous_volumes: false }),
        'wrong_state',
      );
    });

    test('a name belongs to one container, by create and by rename; the error names its holder', async () => {
      const holder = await mine.create('taken', {});
      await expect(mine.create('taken', {})).rejects.toMatchObject({
        code: 'name_conflict',
        details: { holder },
      });
      const other = await mine.create('other', {});
      await refused(mine.engine.containers.rename(other, mine.name('taken')), 'name_conflict');
      await mine.engine.containers.rename(other, mine.name('renamed'));
      expect((await seen(mine.name('renamed')))?.id).toBe(other);
      expect(await seen(mine.name('other'))).toBeUndefined();
    });

    test('inspect takes the id or the exact name, and no beginning of either', async () => {
      const id = await mine.create('exact', {});
      expect((await seen(mine.name('exact')))?.id).toBe(id);
      expect(await seen(mine.name('exac'))).toBeUndefined();
      expect(await seen(id.slice(0, 5))).toBeUndefined();
      await refused(seen('no/name'), 'invalid_input');
    });

    test('a list holds all states, and only what has all of the labels', async () => {
      const { containers } = mine.engine;
      const red = await mine.create('red', { labels: { colour: 'red', size: 'big' } });
      await mine.create('blue', { spec: { command: 'sleep 600' }, labels: { colour: 'blue' } });
      await containers.start(mine.name('blue'));
      const ids = async (labels: Readonly<Record<string, string>>) =>
        (await containers.list({ labels: { ...mine.labels, ...labels } })).map(({ name }) => name).toSorted();
      expect(await ids({ colour: '' })).toEqual([mine.name('blue'), mine.name('red')]);
      expect(await ids({ colour: 'red', size: '' })).toEqual([mine.name('red')]);
      expect(await ids({ colour: 'green' })).toEqual([]);
      expect((await containers.list({ labels: mine.labels })).find(({ id }) => id === red)).toMatchObject({
        state: 'created',
        labels: { colour: 'red' },
      });
    });

    test('what ends by itself has its exit code, and its log tells what it wrote', async () => {
      const failed = await mine.create('failed', { spec: { command: ['sh', '-c', 'exit 7'] } });
      const told = await mine.create('told', { spec: { command: 'echo hello world' } });
      for (const id of [failed, told]) {
        await mine.engine.containers.start(id);
        await eventually(async () => expect((await seen(id))?.state).toBe('exited'));
      }
      expect((await seen(failed))?.exit_code).toBe(7);
      expect((await seen(told))?.exit_code).toBe(0);
      const frames: LogFrame[] = [];
      const query = { follow: true, tty: false };
      for await (const batch of mine.engine.containers.logs(told, query, new AbortController().signal))
        frames.push(...batch);
      expect(frames).toEqual([
        {
          stream: 'stdout',
          ts: expect.stringMatching(TIME),
          data: Buffer.from('hello world'),
          ends_line: true,
        },
      ]);
    });

    test('a follow ends with the container, or as aborted', async () => {
      const { containers } = mine.engine;
      const query = { follow: true, tty: false };
      const read = async (id: string, signal: AbortSignal): Promise<void> => {
        for await (const _ of containers.logs(id, query, signal));
      };
      const id = await mine.create('followed', { spec: { command: 'sleep 600' } });
      await containers.start(id);
      const toTheEnd = read(id, new AbortController().signal);
      const caller = new AbortController();
      const aborted = read(id, caller.signal);
      const refusal = refused(aborted, 'aborted');
      await containers.list({});
      caller.abort();
      await refusal;
      await containers.stop(id, { timeout: 1 });
      await toTheEnd;
      await refused(read(mine.name('nobody'), caller.signal), 'aborted');
      await refused(read(mine.name('nobody'), new AbortController().signal), 'not_found');
    });

    test('a failing container is restarted as often as its policy says, then rests', async () => {
      const id = await mine.create('again', {
        spec: { command: ['sh', '-c', 'exit 3'] },
        restart_policy: 'on-failure:2',
      });
      expect((await seen(id))?.restart_policy).toBe('on-failure:2');
      await mine.engine.containers.start(id);
      await eventually(async () =>
        expect(await seen(id)).toMatchObject({ state: 'exited', exit_code: 3, restart_count: 2 }),
      );
    });

    test('a published port is one container’s at a time; a left-out one is picked and shown', async () => {
      const { containers } = mine.engine;
      const first = await mine.create('picked', {
        spec: { command: 'sleep 600', ports: [{ container: 80 }] },
      });
      await containers.start(first);
      const [port] = (await seen(first))?.ports ?? [];
      expect(port).toMatchObject({ container: 80, protocol: 'tcp', host_ip: '0.0.0.0' });
      const host = port?.host ?? 0;
      expect(host).toBeGreaterThan(0);
      const second = await mine.create('wanting', {
        spec: { command: 'sleep 600', ports: [{ host, container: 81 }] },
      });
      await expect(containers.start(second)).rejects.toMatchObject({
        code: 'port_conflict',
        details: { port: host, holder: first },
      });
      await containers.stop(first, { timeout: 1 });
      await containers.start(second);
      expect((await seen(second))?.ports).toMatchObject([{ host, container: 81 }]);
    });

    test('limits change in place, memory’s is taken off, and that of processors is not', async () => {
      const memory_limit = 64 * 1024 * 1024;
      const id = await mine.create('limits', {
        spec: { command: 'sleep 600', memory_limit, cpu_limit: 0.5 },
      });
      await mine.engine.containers.start(id);
      const before = await seen(id);
      await mine.engine.containers.update(id, {
        ...{ memory_limit: 2 * memory_limit, cpu_limit: 0.5, restart_policy: 'always' },
      });
      expect(await seen(id)).toMatchObject({
        id,
        memory_limit: 2 * memory_limit,
        restart_policy: 'always',
        started_at: before?.started_at,
      });
      await refused(mine.engine.containers.update(id, { restart_policy: 'no' }), 'unsupported');
      await mine.engine.containers.update(id, { cpu_limit: 0.5, restart_policy: 'no' });
      expect(await seen(id)).not.toHaveProperty('memory_limit');
      expect(await seen(id)).toMatchObject({ id, started_at: before?.started_at });
    });

    test('a create needs its image; a pull brings what a registry has', async () => {
      const { images } = mine.engine;
      await refused(mine.create('imageless', { spec: { image: 'berth-test/nowhere:1' } }), 'image_not_found');
      const image = await images.pull('alpine', {});
      expect(image.tags).toContain('alpine:latest');
      expect((await images.inspect('alpine:latest'))?.id).toBe(image.id);
      expect((await images.inspect(image.id))?.id).toBe(image.id);
      expect(await images.inspect('berth-test/nowhere:1')).toBeUndefined();
      const id = await mine.create('imaged', {});
      expect((await seen(id))?.image_id).toBe((await images.inspect('busybox:latest'))?.id);
    });

    test('a network is made once, has its members with their aliases, and goes when nobody is up on it', async () => {
      const { networks, containers } = mine.engine;
      const name = mine.name('net');
      const { id } = await networks.create({ name, labels: mine.labels });
      expect(await networks.inspect(name)).toMatchObject({ id, name, internal: false, labels: mine.labels });
      expect((await networks.list({ labels: mine.labels })).map((one) => one.id)).toEqual([id]);
      await refused(networks.create({ name, labels: {} }), 'name_conflict');
      const member = await mine.create('member', {
        spec: { command: 'sleep 600', network: name },
        aliases: ['cache'],
      });
      await containers.start(member);
      expect((await seen(member))?.networks).toMatchObject([{ network: name, network_id: id }]);
      expect((await seen(member))?.networks[0]?.aliases).toContain('cache');
      expect((await networks.inspect(name))?.container_ids).toEqual([member]);
      expect(await networks.remove(name)).toBe('in_use');
      await networks.disconnect(name, member, { force: true });
      await networks.disconnect(name, member, { force: true });
      expect((await networks.inspect(name))?.container_ids).toEqual([]);
      await networks.connect(name, member, { aliases: ['again'] });
      await networks.connect(name, member, { aliases: ['again'] });
      await refused(networks.connect(mine.name('nonet'), member, { aliases: [] }), 'not_found');
      await containers.remove(member, GONE);
      expect(await networks.remove(name)).toBe('removed');
      expect(await networks.remove(name)).toBe('absent');
      expect(await networks.inspect(name)).toBeUndefined();
    });

    test('a named volume is its first maker’s, stays when its container goes, and is in use until then', async () => {
      const { volumes, containers } = mine.engine;
      const name = mine.name('volume');
      await volumes.create({ name, labels: { ...mine.labels, a: '1' } });
      await volumes.create({ name, labels: { ...mine.labels, a: '1' } });
      await refused(volumes.create({ name, labels: { a: '2' } }), 'name_conflict');
      expect(await volumes.inspect(name)).toMatchObject({ name, labels: { a: '1' } });
      const id = await mine.create('mounting', {
        spec: { volumes: [{ name, container: '/data', mode: 'ro' }] },
      });
      expect((await seen(id))?.mounts).toEqual([
        { type: 'volume', source: name, container: '/data', anonymous: false, mode: 'ro' },
      ]);
      expect(await volumes.remove(name)).toBe('in_use');
      await containers.remove(id, GONE);
      expect(await volumes.remove(name)).toBe('removed');
      expect(await volumes.remove(name)).toBe('absent');
    });

    test('anonymous volumes are mounted again where they were, and go with the container when asked', async () => {
      const { volumes, containers } = mine.engine;
      const source = 'b2'.repeat(32);
      const keep_volumes = { '/kept': source };
      const id = await mine.create('keeping', { keep_volumes });
      expect((await seen(id))?.mounts).toEqual([
        { type: 'volume', source, container: '/kept', anonymous: true, mode: 'rw' },
      ]);
      await containers.remove(id, { force: true, anonymous_volumes: false });
      expect(await volumes.inspect(source)).toMatchObject({ name: source });
      const again = await mine.create('keeping', { keep_volumes });
      await containers.remove(again, GONE);
      await volumes.remove(source);
      expect(await volumes.inspect(source)).toBeUndefined();
    });

    test('whoever listens is told `connected` first, then what happens', async () => {
      const caller = new AbortController();
      const told: string[] = [];
      const reading = (async () => {
        for await (const event of mine.engine.system.events({}, caller.signal))
          told.push('action' in event ? `${event.type} ${event.action} ${event.name}` : event.type);
      })();
      const refusal = refused(reading, 'aborted');
      await eventually(() => expect(told).toEqual(['connected']));
      const name = mine.name('evented');
      await mine.create('evented', { spec: { command: 'true' } });
      await mine.engine.containers.start(name);
      const expected = ['create', 'start', 'die'].map((action) => `container ${action} ${name}`);
      await eventually(() => expect(told.filter((one) => expected.includes(one))).toEqual(expected));
      caller.abort();
      await refusal;
    });

    test('a call that is given up before it begins is aborted and does nothing', async () => {
      const { containers } = mine.engine;
      const id = await mine.create('spared', { spec: { command: 'sleep 600' } });
      await refused(containers.start(id, AbortSignal.abort()), 'aborted');
      await refused(containers.inspect(id, AbortSignal.abort()), 'aborted');
      expect((await seen(id))?.state).toBe('created');
    });

    test('it answers a ping with its version', async () => {
      expect(await mine.engine.system.ping()).toMatchObject({
        os: 'linux',
        api: expect.stringMatching(/^1\.\d+$/),
      });
    });
  });
}
