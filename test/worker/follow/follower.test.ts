import { describe, expect, onTestFinished, test } from 'vitest';
import type { BerthEvent } from '../../../contracts/berth-event.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Journal } from '../../../src/store/journal.ts';
import { openJournal } from '../../../src/store/open-journal.ts';
import { type Follower, startFollower } from '../../../src/worker/follow/follower.ts';
import { aFolder } from '../../support/a-folder.ts';
import { timeOf } from '../../support/builders.ts';
import { eventually } from '../../support/eventually.ts';
import { aScriptedContainer, runAt, type ScriptedContainer } from '../../support/scripted-log.ts';

const SECOND = 1_000_000;

interface Scene {
  readonly container: ScriptedContainer;
  readonly journal: Journal;
  /** What was told over the bus, in its order. */
  readonly told: BerthEvent[];
  follow(options?: {
    readonly token?: number;
    readonly engine_id?: string;
    readonly source?: ScriptedContainer;
  }): Promise<Follower>;
  /** `stream:line` of all that is stored, gaps as `gap:reason`. */
  stored(): Promise<string[]>;
}

async function aScene(patience_ms = 60_000, stall_ms = 30_000): Promise<Scene> {
  const folder = await aFolder();
  const journal = await openJournal({ path: `${folder.path}/logs.db` });
  onTestFinished(async () => {
    await journal.close();
    await folder[Symbol.asyncDispose]();
  });
  const container = aScriptedContainer();
  const told: BerthEvent[] = [];
  const follow: Scene['follow'] = async ({ token = 1, engine_id = 'c1', source = container } = {}) => {
    const follower = await startFollower(
      {
        container_id: 'app:cache',
        engine_id,
        token,
        source,
        journal,
        publisher: { publish: (notice) => told.push(...(notice.kind === 'events' ? notice.events : [])) },
        log: silentLog(),
        timestamp: () => timeOf(0),
        timing: { patience_ms, stall_ms },
      },
      { now: 0, by_engine: 0 },
    );
    if (follower === 'fenced') throw new Error('a newer follower is there');
    onTestFinished(() => follower.stop());
    return follower;
  };
  const stored = async (): Promise<string[]> => {
    const events = await journal.read('app:cache', 1, 100_000);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    return events.map(asText);
  };
  return { container, journal, told, follow, stored };
}

function asText(event: BerthEvent): string {
  if (event.type === 'log') return `${event.stream}:${event.line}`;
  return event.type === 'gap' ? `gap:${event.reason}` : event.type;
}

function writeLines(container: ScriptedContainer, from: number, to: number, at = SECOND): void {
  for (let count = from; count <= to; count++) container.write(`${count}`, { at: at + count });
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `stdout:${from + index}`);

describe('a follower', () => {
  test('made before the start misses nothing of a run that is over before it looks, and tells the end only then', async () => {
    const { container, follow, stored, told } = await aScene();
    const follower = await follow();
    follower.expectStart(1);
    container.start(1);
    writeLines(container, 1, 50);
    container.write('no newline', { at: SECOND + 60, ends: false, stream: 'stderr' });
    container.exit();
    expect(await follower.drained(runAt(1))).toBe(true);
    expect(await stored()).toEqual([...numbered(1, 50), 'stderr:no newline']);
    expect(told.map(asText)).toEqual(await stored());
    expect(told.every(({ attempt }) => attempt === 1)).toBe(true);
  });

  test('that was made for a container that never ran does not take its later run for read', async () => {
    const { container, follow, stored } = await aScene();
    const follower = await follow();
    await eventually(async () => expect(await follower.drained(undefined)).toBe(true));
    container.start(1);
    const drained = follower.drained(runAt(1));
    writeLines(container, 1, 3);
    container.exit();
    expect(await drained).toBe(true);
    expect(await stored()).toEqual(numbered(1, 3));
  });

  test('goes on where it was when the stream breaks at any place, and when the engine is away', async () => {
    const { container, follow, stored } = await aScene();
    container.batch = 1;
    await follow();
    container.start(1);
    (await follow()).wake();
    for (let count = 1; count <= 40; count++) {
      container.write(`out ${count} `, { at: SECOND + count * 10, ends: false });
      if (count % 3 === 0) container.breakStreams();
      container.write(`err ${count}`, { at: SECOND + count * 10 + 1, stream: 'stderr' });
      if (count % 5 === 0) container.breakStreams();
      container.write('end', { at: SECOND + count * 10 });
      if (count === 20) {
        container.answers = false;
        container.breakStreams();
        setTimeout(() => {
          container.answers = true;
        }, 300);
      }
      if (count % 8 === 0)
        await eventually(async () => expect((await stored()).at(-1)).toBe(`stdout:out ${count} end`));
    }
    const lines = await stored();
    const expected = Array.from({ length: 40 }, (_, index) => index + 1);
    expect(lines.filter((line) => line.startsWith('stdout'))).toEqual(
      expected.map((count) => `stdout:out ${count} end`),
    );
    expect(lines.filter((line) => line.startsWith('stderr'))).toEqual(
      expected.map((count) => `stderr:err ${count}`),
    );
  });

  test('does not take an unfinished line for whole when the engine ends the stream of a container that runs', async () => {
    const { container, follow, stored } = await aScene();
    container.start(1);
    await follow();
    container.write('first ', { at: SECOND + 1, ends: false });
    await eventually(() => expect(container.queries.length).toBeGreaterThan(0));
    container.endStreams();
    await eventually(() =>
      expect(container.queries.filter(({ follow: on }) => on).length).toBeGreaterThan(1),
    );
    container.write('second', { at: SECOND + 1 });
    await eventually(async () => expect(await stored()).toEqual(['stdout:first second']));
  });

  test('reads run after run, each counted as an attempt, those that the engine began too', async () => {
    const { container, follow, stored, told } = await aScene();
    const follower = await follow();
    follower.expectStart(1);
    container.start(1);
    for (let run = 1; run <= 4; run++) {
      if (run > 1) container.start(run);
      container.write(`run ${run}`, { at: run * SECOND + 1 });
      container.write('tail', { at: run * SECOND + 2, ends: false });
      container.exit('restarting');
      expect(await follower.drained(runAt(run))).toBe(true);
    }
    expect(await stored()).toEqual([1, 2, 3, 4].flatMap((run) => [`stdout:run ${run}`, 'stdout:tail']));
    expect(told.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });
});

describe('a follower that takes over', () => {
  test('counts the engine’s restarts that it did not see', async () => {
    const { container, follow, told } = await aScene();
    const first = await follow({ token: 1 });
    first.expectStart(1);
    container.start(1);
    container.write('run 1', { at: SECOND });
    container.exit('restarting');
    expect(await first.drained(runAt(1))).toBe(true);
    await first.stop();
    for (let run = 2; run <= 4; run++) {
      container.start(run);
      container.exit('restarting');
    }
    container.write('run 4', { at: 4 * SECOND });
    const second = await follow({ token: 2 });
    expect(await second.drained(runAt(4))).toBe(true);
    expect(second.attempt).toBe(3);
    expect(told.map(({ attempt }) => attempt)).toEqual([1, 3]);
  });

  test('goes on from the stored cursor, and the one before it writes nothing any more', async () => {
    const { container, follow, stored } = await aScene();
    container.start(1);
    const former = await follow({ token: 1 });
    writeLines(container, 1, 20);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 20)));
    await follow({ token: 2 });
    writeLines(container, 21, 40);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 40)));
    await eventually(() => expect(former.ended).toBe(true));
    expect(await former.drained(runAt(1))).toBe(false);
  });

  test('says that lines were rotated away before they could be read, and goes on with what is left', async () => {
    const { container, follow, stored } = await aScene();
    container.start(1);
    const former = await follow({ token: 1 });
    writeLines(container, 1, 10);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 10)));
    await former.stop();
    writeLines(container, 11, 30);
    container.rotate(20);
    await follow({ token: 2 });
    await eventually(async () =>
      expect(await stored()).toEqual([...numbered(1, 10), 'gap:rotated', ...numbered(21, 30)]),
    );
  });

  test('says that lines were rotated away while it read, though the engine says nothing, and takes a pause for no loss', async () => {
    const { container, follow, stored } = await aScene();
    container.start(1);
    await follow();
    writeLines(container, 1, 10);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 10)));
    // Three seconds of lines, of which the reader sees the last one: the others are gone with their files.
    writeLines(container, 11, 20, 2 * SECOND);
    writeLines(container, 21, 25, 4 * SECOND);
    container.rotate(20);
    container.skipTo(20);
    const after = [...numbered(1, 10), 'gap:rotated', ...numbered(21, 25)];
    await eventually(async () => expect(await stored()).toEqual(after));
    // These are there: it reads them after all.
    writeLines(container, 26, 30, 6 * SECOND);
    writeLines(container, 31, 35, 8 * SECOND);
    container.skipTo(30);
    await eventually(async () => expect(await stored()).toEqual([...after, ...numbered(26, 35)]));
    writeLines(container, 36, 40, 100 * SECOND);
    await eventually(async () => expect(await stored()).toEqual([...after, ...numbered(26, 40)]));
  });

  test.for([
    ['while nobody read', 30],
    ['while it was read', 60],
  ] as const)('loses and doubles nothing when the clock was set back %s', async ([, stopAt]) => {
    const { container, follow, stored } = await aScene();
    container.start(1);
    const former = await follow({ token: 1 });
    writeLines(container, 1, 30, 100 * SECOND);
    if (stopAt === 60) writeLines(container, 31, 60, 99 * SECOND);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, stopAt)));
    await former.stop();
    if (stopAt === 30) writeLines(container, 31, 60, 50 * SECOND);
    const later = await follow({ token: 2 });
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 60)));
    writeLines(container, 61, 70, 60 * SECOND);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 70)));
    await later.stop();
    await follow({ token: 3 });
    writeLines(container, 71, 75, 98 * SECOND);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 75)));
  });

  test('of a container that comes back after a failed replacement reads none of it twice', async () => {
    const { container, follow, stored } = await aScene();
    const replacement = aScriptedContainer();
    container.start(1);
    const first = await follow({ token: 1 });
    writeLines(container, 1, 5);
    container.exit();
    expect(await first.drained(runAt(1))).toBe(true);
    await first.stop();
    replacement.start(2);
    replacement.write('of the replacement', { at: 2 * SECOND });
    replacement.exit();
    const second = await follow({ token: 1, engine_id: 'c2', source: replacement });
    expect(await second.drained(runAt(2))).toBe(true);
    await second.stop();
    container.start(3);
    writeLines(container, 6, 9, 3 * SECOND);
    await follow({ token: 1 });
    await eventually(async () =>
      expect(await stored()).toEqual([...numbered(1, 5), 'stdout:of the replacement', ...numbered(6, 9)]),
    );
  });
});

describe('whoever waits for the end of a log', () => {
  test('is let go after the patience is over, and a gap says so', async () => {
    const { container, follow, stored } = await aScene(200);
    container.start(1);
    const follower = await follow();
    writeLines(container, 1, 3);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 3)));
    container.hangStreams();
    expect(await follower.drained(runAt(1))).toBe(true);
    expect(await stored()).toEqual([...numbered(1, 3), 'gap:unread_at_removal']);
  });

  test.for([
    ['vanished', (container: ScriptedContainer) => container.remove()],
    ['could not be removed', (container: ScriptedContainer) => container.exit('dead')],
  ] as const)(
    'is told by a gap when the container %s before its log was read to its end',
    async ([, end]) => {
      const { container, follow, stored } = await aScene();
      container.start(1);
      const follower = await follow();
      writeLines(container, 1, 3);
      await eventually(async () => expect(await stored()).toEqual(numbered(1, 3)));
      container.answers = false;
      container.breakStreams();
      end(container);
      container.answers = true;
      expect(await follower.drained(runAt(1))).toBe(true);
      expect(await stored()).toEqual([...numbered(1, 3), 'gap:unread_at_removal']);
    },
  );

  test('is not let go while the engine is away, however long', async () => {
    const { container, follow, stored } = await aScene(100);
    container.start(1);
    const follower = await follow();
    writeLines(container, 1, 3);
    await eventually(async () => expect(await stored()).toEqual(numbered(1, 3)));
    container.answers = false;
    container.breakStreams();
    const drained = follower.drained(runAt(1));
    writeLines(container, 4, 5);
    container.exit();
    const first = await Promise.race([
      drained,
      new Promise((resolve) => setTimeout(() => resolve('waits'), 800)),
    ]);
    expect(first).toBe('waits');
    container.answers = true;
    expect(await drained).toBe(true);
    expect(await stored()).toEqual(numbered(1, 5));
  });
});

test('a log that hangs, as readers did at rotation, is read again', async () => {
  const { container, follow, stored } = await aScene(60_000, 100);
  container.start(1);
  await follow();
  writeLines(container, 1, 3);
  await eventually(async () => expect(await stored()).toEqual(numbered(1, 3)));
  container.hangStreams();
  writeLines(container, 4, 6);
  await eventually(async () => expect(await stored()).toEqual(numbered(1, 6)));
});

test('statuses are told in order with the lines that were read before them', async () => {
  const { container, follow, stored } = await aScene();
  container.start(1);
  const follower = await follow();
  writeLines(container, 1, 3);
  container.exit();
  await follower.drained(runAt(1));
  expect(await follower.tell([{ type: 'status', attempt: 1, ts: timeOf(9), status: 'stopped' }])).toBe(true);
  expect(await stored()).toEqual([...numbered(1, 3), 'status']);
});
