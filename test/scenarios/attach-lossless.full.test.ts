import { expect, test } from 'vitest';
import { containers } from '../../contracts/containers.ts';
import { isContractError } from '../../contracts/contract-error.ts';
import { createApp } from '../../src/app.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { aFolder } from '../support/a-folder.ts';
import { needImages, testEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { rawEngine } from '../support/raw-engine.ts';

const TIMES = 15;
const FURTHER = 150;
const COUNT = 'i=0; while :; do echo $i; echo bad $i >&2; i=$((i+1)); usleep 2000; done';
const ANSWER = 'echo begun; while read x; do echo "no"; printf "got $x> "; done; printf end';

test('whoever attaches with what was said before hears each line of a process that goes on writing once, and prompts as they come', async () => {
  const { host, socket_path } = await testEngine();
  await needImages('busybox:latest');
  await using folder = await aFolder();
  await using app = await createApp({ engine: host, state: folder.path, serve: false, log: silentLog() });
  const docker = app.contract.open(containers);
  const create = async (name: string, script: string) =>
    await docker.create({
      ...{ image: 'busybox:latest', name, command: ['sh', '-c', script], interactive: true, stop_timeout: 0 },
      stdin_once: false,
    });
  const removed = async (all: readonly string[]): Promise<void> => {
    for (const id of all) await docker.delete({ id, wait: true, timeout: 0 });
  };
  const ids = [(await create('attach_counts', COUNT)).id, (await create('attach_asks', ANSWER)).id] as const;
  await using _ends = { [Symbol.asyncDispose]: () => removed(ids) };
  for (const id of ids) await docker.start({ id, wait: true });
  const logged = async (): Promise<number> =>
    (await docker.logs({ id: ids[0], stream: 'stdout', tail: 1 })).lines.map(({ line }) => Number(line))[0] ??
    0;
  for (let time = 0; time < TIMES; time++) {
    const until = (await logged()) + FURTHER;
    const { session_id } = await docker.attach({ id: ids[0], logs: true, stdin: false });
    const said = { stdout: '', stderr: '' };
    for await (const event of app.join(session_id).events) {
      expect(event.type).not.toBe('gap');
      if (event.type === 'output') said[event.stream] += event.data.toString();
      if (said.stdout.includes(`\n${until}\n`) && said.stderr.includes(`\nbad ${until}\n`)) break;
    }
    const numbers = Array.from({ length: until + 1 }, (_, index) => `${index}`);
    expect(said.stdout.split('\n').slice(0, until + 1)).toEqual(numbers);
    expect(said.stderr.split('\n').slice(0, until + 1)).toEqual(numbers.map((number) => `bad ${number}`));
  }
  const { session_id } = await docker.attach({ id: ids[1], logs: true });
  const session = app.join(session_id);
  let said = '';
  const ended = (async () => {
    for await (const event of session.events) if (event.type === 'output') said += event.data.toString();
  })().catch((error: unknown) => expect(isContractError(error, 'aborted')).toBe(true));
  await eventually(() => expect(said).toBe('begun\n'));
  await session.write(Buffer.from('one\n'));
  await eventually(() => expect(said).toBe('begun\nno\ngot one> '));
  await session.write(Buffer.from('two\n'));
  await eventually(() => expect(said).toBe('begun\nno\ngot one> no\ngot two> '));
  expect((await rawEngine(socket_path).container('attach_asks'))?.State.Status).toBe('running');
  session.close();
  await ended;
}, 180_000);
