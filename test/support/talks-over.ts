import { expect } from 'vitest';
import { contextEntries } from '../../src/build/context-entries.ts';
import { sharedApart } from '../../src/build/folder-of.ts';
import { packContext } from '../../src/build/pack-context.ts';
import type { Session } from '../../src/engine/port/session-calls.ts';
import type { EngineUnderTest } from './an-engine-under-test.ts';

const signal = new AbortController().signal;

/** Expects of a way to an engine that everything works over it for which a connection is given up to both sides: input that ends, output to its end, builds that ask back. */
export async function talksOver({ engine, create }: EngineUnderTest): Promise<void> {
  const id = await create('talking', {
    spec: {
      image: 'busybox:latest',
      command: ['sh', '-c', 'echo first; read line; echo "got $line"; exec sleep 600'],
      interactive: true,
    },
  });
  const attached = await engine.sessions.attach(
    id,
    { stdin: true, stdout: true, stderr: true, tty: false },
    signal,
  );
  const output = attached.output[Symbol.asyncIterator]();
  let said = '';
  const heard = async (text: string): Promise<void> => {
    while (!said.includes(text)) {
      const next = await output.next();
      if (next.done) throw new Error(`it ended after ${said}`);
      said += next.value.map(({ data }) => data.toString()).join('');
    }
  };
  await engine.containers.start(id);
  await heard('first\n');
  await attached.write(Buffer.from('input\n'));
  await heard('got input\n');
  attached.close();

  // The end of the input is told, and the rest of the output comes after it.
  const request = { command: ['sh', '-c', 'wc -c; echo oops >&2; exit 4'], env: {}, privileged: false };
  const { exec_id } = await engine.sessions.prepare(id, {
    ...request,
    tty: false,
    stdin: true,
    output: true,
  });
  const running = await engine.sessions.run(exec_id, { tty: false }, signal);
  await running.write(Buffer.alloc(300_000, 'x'));
  await running.end();
  expect(await whole(running)).toEqual({ stdout: '300000\n', stderr: 'oops\n' });
  expect(await engine.sessions.state(exec_id)).toMatchObject({ exit_code: 4 });

  const reader = new AbortController();
  const lines: string[] = [];
  const following = (async () => {
    for await (const frames of engine.containers.logs(id, { follow: true, tty: false }, reader.signal)) {
      lines.push(...frames.map(({ data }) => data.toString()));
      if (lines.join('').includes('got input')) reader.abort();
    }
  })();
  await expect(following).rejects.toMatchObject({ code: 'aborted' });
  expect(lines.join('')).toContain('first');

  const logged: string[] = [];
  const context = await contextEntries({
    dockerfile:
      'FROM busybox:latest\nCOPY . /all\nRUN --mount=type=secret,id=word ls /all; cat /run/secrets/word\n',
    files: [{ path: 'file', content: 'x'.repeat(200_000) }],
  });
  const { image_id } = await engine.builds.run(
    {
      names: ['berth-test/talks-over:1'],
      dockerfile: context.dockerfile,
      context: packContext(context),
      apart: sharedApart(context),
      no_cache: true,
      secrets: { word: Buffer.from('asked back\n') },
      onProgress: async (all) => {
        for (const one of all) if (one.type === 'log') logged.push(one.data.toString());
      },
    },
    signal,
  );
  expect(logged).toEqual(['file', 'asked back']);
  await engine.images.remove(image_id, { force: true });
}

async function whole({ output }: Session): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for await (const pieces of output) for (const { stream, data } of pieces) said[stream] += data.toString();
  return said;
}
