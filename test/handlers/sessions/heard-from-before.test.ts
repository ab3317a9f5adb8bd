import { expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { openMemoryEngine } from '../../../src/engine/memory/memory-engine.ts';
import type { LogFrame } from '../../../src/engine/port/container-calls.ts';
import type { OutputPiece } from '../../../src/engine/port/session-calls.ts';
import { handOver } from '../../../src/handlers/sessions/hand-over.ts';
import { heardFromBefore } from '../../../src/handlers/sessions/heard-from-before.ts';
import { eventually } from '../../support/eventually.ts';

/** A process whose log and live output are given separately, as late as one likes. */
function aProcess() {
  const live = handOver<readonly OutputPiece[]>(() => undefined);
  const log = handOver<readonly LogFrame[]>(() => undefined);
  const kept: LogFrame[] = [];
  const memory = openMemoryEngine();
  const engine: Pick<Engine, 'containers' | 'sessions'> = {
    containers: {
      ...memory.containers,
      logs: (_ref, { follow }) => (follow ? log.items : lastOf(kept)),
    },
    sessions: {
      ...memory.sessions,
      attach: async () => ({
        output: live.items,
        write: async () => undefined,
        end: async () => undefined,
        close: () => undefined,
      }),
    },
  };
  return {
    engine,
    say: (text: string) => void live.give([{ stream: 'stdout', data: Buffer.from(text) }]),
    keep: (line: string) => {
      const ts = `2026-01-01T00:00:00.${String(kept.length).padStart(9, '0')}Z`;
      kept.push({ stream: 'stdout', ts, data: Buffer.from(line), ends_line: true });
      return kept.at(-1) as LogFrame;
    },
    show: (...frames: readonly LogFrame[]) => void log.give(frames),
    end: () => {
      live.end();
      log.end();
    },
  };
}

async function* lastOf(kept: readonly LogFrame[]): AsyncGenerator<readonly LogFrame[]> {
  yield kept.slice(-1);
}

const heard = async (engine: Pick<Engine, 'containers' | 'sessions'>) => {
  const how = { engine_id: 'e', tty: false, stdout: true, stderr: true };
  const items = await heardFromBefore(engine, how, new AbortController().signal);
  const said = { text: '' };
  const ended = (async () => {
    for await (const pieces of items) for (const { data } of pieces) said.text += data.toString();
  })();
  return { said, ended };
};

test('what is written between the log and the live stream is heard once', async () => {
  const process = aProcess();
  process.show(process.keep('1'), process.keep('2'));
  const { said, ended } = await heard(process.engine);
  process.show(process.keep('3'));
  process.say('4\n');
  process.show(process.keep('4'));
  process.end();
  await ended;
  expect(said.text).toBe('1\n2\n3\n4\n');
});

test('a prompt is heard when all before it was, however late the log is; what follows is heard at once, and once', async () => {
  const process = aProcess();
  const { said, ended } = await heard(process.engine);
  process.show(process.keep('before'));
  process.say('one\nname? ');
  const late = process.keep('one');
  await eventually(() => expect(said.text).toBe('before\n'));
  process.show(late);
  await eventually(() => expect(said.text).toBe('before\none\nname? '));
  process.say('Ann\nhello\n');
  process.show(process.keep('name? Ann'), process.keep('hello'));
  await eventually(() => expect(said.text).toBe('before\none\nname? Ann\nhello\n'));
  process.end();
  await ended;
  expect(said.text).toBe('before\none\nname? Ann\nhello\n');
});
