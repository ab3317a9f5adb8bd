import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { LogFrame, LogQuery } from '../../../src/engine/port/container-calls.ts';
import type { EngineUnderTest } from '../../support/an-engine-under-test.ts';
import { eventually } from '../../support/eventually.ts';

const coded = (code: ErrorCode) => expect.toSatisfy((error: unknown) => isContractError(error, code));
const textOf = (frames: readonly LogFrame[]): readonly string[] =>
  frames.map(({ stream, data }) => `${stream} ${data}`);

/** What every engine behind the port does alike with logs, with starts that fail, with odd references, and when it is closed. */
export function logConformance(what: string, open: () => Promise<EngineUnderTest>): void {
  describe(`${what}, as it is read`, () => {
    let mine: EngineUnderTest;
    beforeAll(async () => {
      mine = await open();
    });
    afterAll(() => mine[Symbol.asyncDispose]());

    const read = async (id: string, query: Partial<LogQuery> = {}): Promise<LogFrame[]> => {
      const frames: LogFrame[] = [];
      const whole = { follow: false, tty: false, ...query };
      for await (const batch of mine.engine.containers.logs(id, whole, new AbortController().signal))
        frames.push(...batch);
      return frames;
    };
    const ran = async (short: string, script: string): Promise<string> => {
      const id = await mine.create(short, { spec: { command: ['sh', '-c', script] } });
      await mine.engine.containers.start(id);
      await mine.engine.containers.wait(id);
      return id;
    };

    test('streams are kept apart, and an unfinished line is told once its run is over', async () => {
      const id = await ran('apart', 'echo a; echo b >&2; printf c; printf d');
      const frames = await read(id);
      const of = (stream: string) => textOf(frames.filter((one) => one.stream === stream));
      expect(of('stdout')).toEqual(['stdout a', 'stdout cd']);
      expect(of('stderr')).toEqual(['stderr b']);
      // Whether an unfinished line has an end is the log driver’s affair.
      expect(frames.filter(({ data }) => data.length === 1).every(({ ends_line }) => ends_line)).toBe(true);
      expect(textOf(await read(id, { tail: 3 }))).toHaveLength(3);
    });

    test('since is inclusive to the nanosecond, and tail counts lines', async () => {
      const id = await ran('since', 'seq 9');
      const lines = await read(id);
      expect(textOf(lines)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((line) => `stdout ${line}`));
      const { ts } = lines[6] ?? { ts: '' };
      expect(textOf(await read(id, { since: ts }))).toEqual(textOf(lines.filter((one) => one.ts >= ts)));
      expect(textOf(await read(id, { tail: 2 }))).toEqual(['stdout 8', 'stdout 9']);
      expect(await read(id, { tail: 0 })).toEqual([]);
      expect(textOf(await read(id, { tail: 99, follow: true }))).toHaveLength(9);
    });

    test('a long line comes in pieces of one time, the last of which ends it', async () => {
      const long = 'x'.repeat(40_000);
      const id = await ran('long', `echo ${long}; echo short`);
      const frames = await read(id);
      const pieces = frames.slice(0, -1);
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.map(({ data }) => data.toString()).join('')).toBe(long);
      expect(new Set(pieces.map(({ ts }) => ts)).size).toBe(1);
      expect(pieces.map(({ ends_line }) => ends_line)).toEqual(
        pieces.map((_, at) => at === pieces.length - 1),
      );
      expect(textOf(frames.slice(-1))).toEqual(['stdout short']);
    });

    test('a follow gives lines as they come, goes on over a pause, and ends with its run', async () => {
      const { containers } = mine.engine;
      const script = 'echo first; sleep 2; echo second; sleep 600';
      const id = await mine.create('following', { spec: { command: ['sh', '-c', script] } });
      await containers.start(id);
      const lines: string[] = [];
      const reading = (async () => {
        const query = { follow: true, tty: false };
        for await (const batch of containers.logs(id, query, new AbortController().signal))
          lines.push(...textOf(batch));
      })();
      await eventually(() => expect(lines).toEqual(['stdout first']));
      await containers.pause(id);
      await containers.unpause(id);
      await eventually(() => expect(lines).toEqual(['stdout first', 'stdout second']));
      await containers.stop(id, { timeout: 1 });
      await reading;
    });

    test('a follow ends with its run though the policy begins another', async () => {
      const { containers } = mine.engine;
      const spec = { command: ['sh', '-c', 'echo up; sleep 1; exit 1'] };
      const id = await mine.create('reborn', { spec, restart_policy: 'always' });
      await containers.start(id);
      expect(textOf(await read(id, { follow: true }))).toContain('stdout up');
      await eventually(async () =>
        expect((await containers.inspect(id))?.restart_count).toBeGreaterThanOrEqual(1),
      );
      await containers.stop(id, { timeout: 1 });
    });

    test('a follow of what was never started, or is over, ends at once', async () => {
      const id = await mine.create('unborn', { spec: { command: 'sleep 600' } });
      expect(await read(id, { follow: true })).toEqual([]);
    });

    test('a start that finds nothing to run is start_failed, and leaves the container created, with the reason', async () => {
      const { containers } = mine.engine;
      const id = await mine.create('empty', { spec: { command: ['/nonexistent'], init: false } });
      await expect(containers.start(id)).rejects.toEqual(coded('start_failed'));
      const seen = await containers.inspect(id);
      expect(seen).toMatchObject({ state: 'created', error: expect.stringContaining('no such file') });
      expect(seen?.started_at).toBeUndefined();
      const inited = await mine.create('empty_inited', { spec: { command: ['/nonexistent'] } });
      await containers.start(inited);
      expect(await containers.wait(inited)).toEqual({ exit_code: 127 });
    });

    test('what no registry has is image_not_found', async () => {
      await expect(mine.engine.images.pull('127.0.0.1:5000/berth-test/nowhere:1', {})).rejects.toEqual(
        coded('image_not_found'),
      );
    });

    test('our labels lie over those of the spec', async () => {
      const id = await mine.create('labelled', {
        spec: { labels: { own: 'kept', shared: 'spec' } },
        labels: { shared: 'ours' },
      });
      expect((await mine.engine.containers.inspect(id))?.labels).toMatchObject({
        own: 'kept',
        shared: 'ours',
      });
    });

    test.each<[string, (engine: Engine, bad: string, someone: string) => Promise<unknown>]>([
      ['inspect', (engine, bad) => engine.containers.inspect(bad)],
      ['start', (engine, bad) => engine.containers.start(bad)],
      ['stop', (engine, bad) => engine.containers.stop(bad, {})],
      ['remove', (engine, bad) => engine.containers.remove(bad, { force: true, anonymous_volumes: true })],
      ['rename', (engine, bad, someone) => engine.containers.rename(someone, bad)],
      ['update', (engine, bad) => engine.containers.update(bad, { restart_policy: 'no' })],
      ['kill', (engine, bad) => engine.containers.kill(bad, 'SIGTERM')],
      ['pause', (engine, bad) => engine.containers.pause(bad)],
      ['wait', (engine, bad) => engine.containers.wait(bad)],
      ['network inspect', (engine, bad) => engine.networks.inspect(bad)],
      ['network create', (engine, bad) => engine.networks.create({ name: bad, labels: {} })],
      ['network remove', (engine, bad) => engine.networks.remove(bad)],
      ['volume inspect', (engine, bad) => engine.volumes.inspect(bad)],
      ['volume create', (engine, bad) => engine.volumes.create({ name: bad, labels: {} })],
      ['volume remove', (engine, bad) => engine.volumes.remove(bad)],
    ])('%s of what is no name is invalid_input', async (what, call) => {
      const someone = await mine.create(what.replace(' ', '_'), {});
      for (const bad of ['a?force=1&v=1', '../images/x', 'a b', ''])
        await expect(call(mine.engine, bad, someone)).rejects.toEqual(coded('invalid_input'));
    });

    test('closing it ends what is read from it as aborted', async () => {
      const other = await open();
      const id = await other.create('closed', { spec: { command: 'sleep 600' } });
      await other.engine.containers.start(id);
      const { signal } = new AbortController();
      let connected = false;
      const log = async (): Promise<void> => {
        for await (const _ of other.engine.containers.logs(id, { follow: true, tty: false }, signal));
      };
      const events = async (): Promise<void> => {
        for await (const event of other.engine.system.events({}, signal))
          connected ||= event.type === 'connected';
      };
      const ends = [log(), events(), other.engine.containers.wait(id)].map((one) =>
        expect(one).rejects.toEqual(coded('aborted')),
      );
      await eventually(() => expect(connected).toBe(true));
      await other.engine.close();
      await Promise.all(ends);
      await expect(other[Symbol.asyncDispose]()).rejects.toEqual(coded('aborted'));
    });
  });
}
