import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { EngineUnderTest } from '../../support/an-engine-under-test.ts';

const request = { command: ['true'], env: {}, privileged: false, tty: false, stdin: false, output: true };
const size = { columns: 80, rows: 24 };
const everything = { stdin: true, stdout: true, stderr: true, tty: false };

/** What every engine behind the port does alike when somebody would talk with processes. */
export function sessionConformance(what: string, open: () => Promise<EngineUnderTest>): void {
  describe(`${what}, as it is talked with`, () => {
    let mine: EngineUnderTest;
    beforeAll(async () => {
      mine = await open();
    });
    afterAll(() => mine[Symbol.asyncDispose]());
    const refused = (call: Promise<unknown>, code: ErrorCode) =>
      expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));
    const { signal } = new AbortController();

    test('nothing is said to a container that is not there, or does not run', async () => {
      const id = await mine.create('silent', { spec: { command: 'sleep 600' } });
      const { sessions } = mine.engine;
      for (const [ref, code] of [
        [mine.name('nobody'), 'not_found'],
        [id, 'wrong_state'],
      ] as const) {
        await refused(sessions.prepare(ref, request), code);
        await refused(sessions.resize(ref, size), code);
      }
      await refused(sessions.attach(mine.name('nobody'), everything, signal), 'not_found');
    });

    test('what was never prepared is not found', async () => {
      const { sessions } = mine.engine;
      const nothing = 'f'.repeat(64);
      expect(await sessions.state(nothing)).toBeUndefined();
      await refused(sessions.run(nothing, { tty: false }, signal), 'not_found');
      await refused(sessions.runDetached(nothing, { tty: false }), 'not_found');
      await refused(sessions.resizeExec(nothing, size), 'not_found');
    });

    test.each<[string, ({ sessions }: Engine, bad: string) => Promise<unknown>]>([
      ['prepare', ({ sessions }, bad) => sessions.prepare(bad, request)],
      ['state', ({ sessions }, bad) => sessions.state(bad)],
      ['run', ({ sessions }, bad) => sessions.run(bad, { tty: false }, signal)],
      ['attach', ({ sessions }, bad) => sessions.attach(bad, everything, signal)],
      ['resize', ({ sessions }, bad) => sessions.resize(bad, size)],
      ['resize of an exec', ({ sessions }, bad) => sessions.resizeExec(bad, size)],
    ])('%s of what is no name is invalid_input', async (_, call) => {
      for (const bad of ['a?force=1&v=1', '../images/x', 'a b', ''])
        await refused(call(mine.engine, bad), 'invalid_input');
    });
  });
}
