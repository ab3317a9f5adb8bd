import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isContractError } from '../../../contracts/contract-error.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import type { FileCalls } from '../../../src/engine/port/file-calls.ts';
import type { EngineUnderTest } from '../../support/an-engine-under-test.ts';

/** `does`: whether it has files and builds images. What does not says `unsupported`, and still refuses what any engine refuses. */
export function fileConformance(
  what: string,
  { open, does }: { readonly open: () => Promise<EngineUnderTest>; readonly does: boolean },
): void {
  describe(`${what}, its files and builds`, () => {
    let mine: EngineUnderTest;
    beforeAll(async () => {
      mine = await open();
    });
    afterAll(() => mine[Symbol.asyncDispose]());
    const refused = (call: Promise<unknown>, code: ErrorCode) =>
      expect(call).rejects.toSatisfy((error: unknown) => isContractError(error, code));
    const { signal } = new AbortController();
    const options = { keep_types: false, keep_owners: false };
    const CALLS: readonly (readonly [string, (files: FileCalls, ref: string) => Promise<unknown>])[] = [
      ['changes', (files, ref) => files.changes(ref)],
      ['stat', (files, ref) => files.stat(ref, '/')],
      ['read', (files, ref) => files.read(ref, '/tmp', signal)],
      ['write', (files, ref) => files.write(ref, '/', aTar('word', 'text'), options, signal)],
      ['export', (files, ref) => files.export(ref, signal)],
      ['commit', (files, ref) => files.commit(ref, { pause: false, changes: [] })],
    ];

    test.each(CALLS)('%s of what is no name, or not there, is refused as anywhere', async (_, call) => {
      for (const bad of ['a?force=1&v=1', '../images/x', 'a b', ''])
        await refused(call(mine.engine.files, bad), 'invalid_input');
      await refused(call(mine.engine.files, mine.name('nobody')), 'not_found');
    });

    test('what is written into a container that does not run is there, as it was, or all of it is unsupported', async () => {
      const { files } = mine.engine;
      const id = await mine.create('files', { spec: { command: 'true' } });
      if (!does) {
        for (const [, call] of CALLS) await refused(call(files, id), 'unsupported');
        return;
      }
      await files.write(id, '/', aTar('word', 'text'), options, signal);
      expect(await files.stat(id, '/word')).toMatchObject({
        name: 'word',
        type: 'file',
        size: 4,
        mode: 0o640,
      });
      const { stat, tar } = await files.read(id, '/word', signal);
      expect(stat).toMatchObject({ name: 'word', size: 4 });
      expect(await contents(tar)).toEqual({ word: 'text' });
      expect(await files.changes(id)).toEqual(expect.arrayContaining([{ path: '/word', kind: 'added' }]));
      await refused(files.stat(id, '/nothing'), 'not_found');
      await refused(files.read(id, '/nothing', signal), 'not_found');
      await refused(files.write(id, '/no/folder', aTar('word', 'text'), options, signal), 'not_found');
    });

    test('a build gives an image its names, or is unsupported and gives nothing', async () => {
      const { builds, images } = mine.engine;
      const name = 'berth-conformance/built:1';
      const build = (life: AbortSignal) =>
        builds.run(
          {
            names: [name],
            context: aTar('Dockerfile', 'FROM busybox:latest\nLABEL made=here\n'),
            onProgress: async () => undefined,
          },
          life,
        );
      await refused(build(AbortSignal.abort()), 'aborted');
      if (!does) {
        await refused(build(signal), 'unsupported');
        expect(await images.inspect(name)).toBeUndefined();
        return;
      }
      const { image_id } = await build(signal);
      expect(await images.inspect(name)).toMatchObject({ id: image_id, labels: { made: 'here' } });
      await images.remove(name, { force: false });
    });
  });
}

async function* aTar(name: string, content: string): AsyncGenerator<Uint8Array> {
  const packing = pack();
  packing.entry({ name, mode: 0o640 }, content);
  packing.finalize();
  for await (const bytes of packing) yield Buffer.from(bytes as Uint8Array);
}

async function contents(tar: AsyncIterable<Uint8Array>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of Readable.from(tar, { objectMode: false }).pipe(extract())) {
    let text = '';
    for await (const part of entry) text += String(part);
    found[entry.header.name] = text;
  }
  return found;
}
