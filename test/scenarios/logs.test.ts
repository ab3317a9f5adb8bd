import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aChild } from '../support/a-child.ts';
import { aBerthFolder, type BerthFolder } from '../support/berth-process.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';
import type { Seen } from './processes/line-counter.ts';

const COUNTER = new URL('./processes/line-counter.ts', import.meta.url);
const MIB = 1024 * 1024;

/** 100,000 lines on each stream, some of them over 16 KiB; the last ones are odd. */
const ODD_LINES = String.raw`
awk 'BEGIN {
  long = "x"; while (length(long) < 20000) long = long long
  for (i = 1; i <= 99990; i++) {
    print i (i % 2000 == 0 ? " " long : " the quick brown fox")
    print i (i % 3000 == 0 ? " " long : "") > "/dev/stderr"
  }
}'
printf '99991 nul \000 end\n'
printf '99992 split \303'; sleep 0.2; printf '\251 end\n'
printf '99993 bad \303( end\n'
printf '99994 '; head -c 16377 /dev/zero | tr '\000' x; printf '\303\251 end\n'
printf '99995 cr \r\n'
printf '99996 red \033[31m\n'
printf '99997 huge '; head -c 1200000 /dev/zero | tr '\000' y; echo
printf '99998\n99999\n'
i=99991; while [ $i -le 100000 ]; do echo $i >&2; i=$((i + 1)); done
printf '100000 last without a newline'
`;
const ODD_WORDS = [
  '99991 nul',
  '99992 split',
  '99993 bad',
  '99994 x',
  '99995 cr',
  '99996 red',
  '100000 last',
];

test('200,000 lines written as fast as a shell can reach a subscriber in another process once and in order, then status, then done; one that joins in the middle sees the same', {
  timeout: 300_000,
}, async () => {
  await needImages('busybox:latest');
  const { host } = await testEngine();
  await using berth = await aBerthFolder(host);
  const up = await berth.up();
  await using first = aChild(COUNTER, [join(berth.state, 'berth.sock')]);
  await using second = aChild(COUNTER, [join(berth.state, 'berth.sock')]);
  const { id } = await first.call<{ id: string }>(
    'create',
    { name: 'logs_counter', image: 'busybox:latest', command: ['sh', '-c', ODD_LINES] },
    ODD_WORDS,
  );
  const seen = (): Promise<Seen> => first.call<Seen>('seen');
  await eventually(async () => expect((await seen()).last_seq).toBeGreaterThan(20_000), 120_000);
  await second.call('join', id, 10_000);
  await eventually(async () => expect((await seen()).done).toBe(true), 240_000);
  const all = await seen();
  expect(all).toMatchObject({ problems: [], lines: { stdout: 100_000, stderr: 100_000 }, first_seq: 1 });
  expect(all.tail).toEqual(['log', 'log', 'status stopped', 'done']);
  expect(all.kept['99991 nul']).toBe('99991 nul \0 end');
  expect(all.kept['99992 split']).toBe('99992 split é end');
  // Before API 1.44 containers log by json-file, in which the engine itself replaces what is not UTF-8.
  if (await keepsBytes())
    expect(Buffer.from(all.kept['99993 bad'] ?? '', 'hex')).toEqual(
      Buffer.from('99993 bad \xc3( end', 'latin1'),
    );
  expect(all.kept['99995 cr']).toBe('99995 cr \r');
  expect(all.kept['99996 red']).toBe('99996 red \u001b[31m');
  expect(all.kept['100000 last']).toBe('100000 last without a newline');
  await eventually(async () => expect((await second.call<Seen>('seen')).done).toBe(true), 120_000);
  expect(await second.call<Seen>('seen')).toMatchObject({
    problems: [],
    first_seq: 10_000,
    last_seq: all.last_seq,
  });
  expect(await second.call('digest', 10_000)).toBe(await first.call('digest', 10_000));
  for (const pid of [up.pid, ...(await childrenOf(up.pid))])
    expect(await peakOf(pid), `peak of ${pid}`).toBeLessThan(500 * MIB);
});

/** Bursts of numbered lines on both streams, until it is told to end. */
const BURSTS = `
trap 'over=1' USR1
n=1
while [ -z "$over" ]; do
  awk -v n=$n 'BEGIN {
    long = "x"; while (length(long) < 20000) long = long long
    for (i = n; i < n + 2000; i++) {
      print i (i % 500 == 0 ? " " long : " line")
      print i (i % 700 == 0 ? " " long : " line") > "/dev/stderr"
    }
  }'
  n=$((n + 2000))
  sleep 0.1
done
printf '%s last' $n
`;

test('ten kill -9 at random moments, over both workers, lose and double nothing, and leave the container alone', {
  // A million lines may have been written by then, and an older engine reads its log from the beginning at each resume.
  timeout: 600_000,
}, async () => {
  await needImages('busybox:latest');
  const { host, socket_path } = await testEngine();
  const engine = rawEngine(socket_path);
  await using berth = await aBerthFolder(host);
  const up = await berth.up();
  await using counter = aChild(COUNTER, [join(berth.state, 'berth.sock')]);
  const { id } = await counter.call<{ id: string }>(
    'create',
    { name: 'logs_bursts', image: 'busybox:latest', command: ['sh', '-c', BURSTS] },
    [],
  );
  const seen = (): Promise<Seen> => counter.call<Seen>('seen');
  await eventually(async () => expect((await seen()).last_seq).toBeGreaterThan(1000));
  const before = await engine.container('logs_bursts');
  for (let kills = 0; kills < 10; ) {
    const from = (await seen()).last_seq + Math.random() * 8000;
    await eventually(async () => expect((await seen()).last_seq).toBeGreaterThan(from), 120_000);
    const workers = await childrenOf(up.pid);
    const pid = workers[Math.floor(Math.random() * workers.length)];
    if (pid === undefined) continue;
    if (killed(pid)) kills += 1;
  }
  const during = await engine.container('logs_bursts');
  expect([during?.Id, during?.State.StartedAt]).toEqual([before?.Id, before?.State.StartedAt]);
  await engine.ask('POST', '/containers/logs_bursts/kill?signal=USR1');
  await eventually(async () => {
    const now = await seen();
    const state = (await engine.container('logs_bursts'))?.State.Status;
    if (!now.done) throw new Error(`no done: the engine says ${state}, seen is ${JSON.stringify(now)}`);
  }, 300_000);
  const all = await seen();
  expect(all.problems).toEqual([]);
  expect(all.lines.stdout).toBe(all.lines.stderr + 1);
  expect(all.tail).toEqual(['log', 'log', 'status stopped', 'done']);
  expect((await engine.names()).filter((name) => name.startsWith('logs_bursts'))).toEqual(['logs_bursts']);
  expect(await berthStatus(berth, id)).toBe('stopped');
});

async function berthStatus(berth: BerthFolder, id: string): Promise<string | undefined> {
  return (await berth.ps()).find((one) => one.id === id)?.status;
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** False when it had ended by itself since it was looked up: the one that was killed before it. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

async function keepsBytes(): Promise<boolean> {
  const { body } = await rawEngine((await testEngine()).socket_path).ask('GET', '/version');
  return Number((body as { ApiVersion: string }).ApiVersion.split('.')[1]) >= 44;
}

/** The most memory it ever had, in bytes. */
async function peakOf(pid: number): Promise<number> {
  const [, kib = '0'] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
