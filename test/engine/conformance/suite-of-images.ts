import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isContractError } from '../../../contracts/contract-error.ts';
import type { PullProgress } from '../../../src/engine/port/image-calls.ts';
import type { EngineUnderTest } from '../../support/an-engine-under-test.ts';

/** What every engine behind the port does alike with images. */
export function imageConformance(what: string, open: () => Promise<EngineUnderTest>): void {
  describe(what, () => {
    let mine: EngineUnderTest;
    beforeAll(async () => {
      mine = await open();
    });
    afterAll(async () => {
      for (const name of ['conf/one:1', 'conf/two:1'])
        await mine.engine.images.remove(name, { force: false });
      await mine[Symbol.asyncDispose]();
    });

    test('an image goes by all its names, and is listed once with them', async () => {
      const { images } = mine.engine;
      const told: PullProgress[] = [];
      const { id } = await images.pull('busybox', { onProgress: (progress) => told.push(progress) });
      expect(told.length).toBeGreaterThan(0);
      await images.tag('busybox:latest', 'conf/one:1');
      await images.tag(id, 'conf/two:1');
      for (const name of ['conf/one:1', 'conf/two:1', id]) {
        expect((await images.inspect(name))?.id).toBe(id);
        expect(await images.details(name)).toMatchObject({ id, os: 'linux' });
      }
      const listed = (await images.list({ dangling: false })).filter((one) => one.id === id);
      expect(listed).toHaveLength(1);
      expect(listed[0]?.tags).toEqual(expect.arrayContaining(['conf/one:1', 'conf/two:1']));
      expect(await images.list({ labels: { 'nobody.has': 'this' } })).toEqual([]);
      expect(await images.remove('conf/one:1', { force: false })).toEqual({
        removed: true,
        untagged: ['conf/one:1'],
        deleted: [],
      });
      expect(await images.remove('conf/one:1', { force: false })).toMatchObject({ removed: false });
      expect(await images.inspect('conf/one:1')).toBeUndefined();
      expect(await images.details('conf/one:1')).toBeUndefined();
      expect((await images.inspect('conf/two:1'))?.id).toBe(id);
    });

    test('what a registry has is said by its digest, and nothing is pulled', async () => {
      const { images } = mine.engine;
      const { digests } = await images.pull('busybox', {});
      const { digest } = await images.remote('busybox:latest');
      expect(digests.some((one) => one.endsWith(`@${digest}`))).toBe(true);
    });

    test('what is not there is image_not_found, what is no name invalid_input', async () => {
      const { images } = mine.engine;
      const refused = (call: Promise<unknown>, code: Parameters<typeof isContractError>[1]) =>
        expect(call).rejects.toSatisfy((error) => isContractError(error, code));
      await refused(images.tag('conf/none:1', 'conf/other:1'), 'image_not_found');
      await refused(images.push('127.0.0.1:5000/conf/none:1', {}), 'image_not_found');
      await refused(images.remote('127.0.0.1:5000/conf/none:1'), 'image_not_found');
      await refused(images.remote('Not/A:Name:'), 'invalid_input');
      await refused(images.list({ before: 'conf/none:1' }), 'image_not_found');
      await refused(images.inspect('Not/A:Name:'), 'invalid_input');
      await refused(images.pull('../etc', {}), 'invalid_input');
    });
  });
}
