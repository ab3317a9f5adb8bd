import { createLog } from '../../../src/runtime/log.ts';
import { dieOnDefects, shutdownSignal } from '../../../src/runtime/shutdown.ts';
import { serveParent } from '../../support/serve-parent.ts';

const log = createLog('fatal');
const signal = shutdownSignal();
signal.addEventListener('abort', () => process.stdout.write('asked to end\n'));

serveParent({
  ready: () => undefined,
  /** What happens to this process when nobody catches an error. */
  fall: (how: 'throw' | 'reject', release: 'in time' | 'never' | 'throws') => {
    dieOnDefects(log, () => {
      process.stdout.write('released\n');
      if (release === 'throws') throw new Error('the release failed');
      return release === 'never' ? new Promise(() => undefined) : Promise.resolve();
    });
    for (const _ of [1, 2]) {
      if (how === 'reject') void Promise.reject(new Error('a defect'));
      else
        setImmediate(() => {
          throw new Error('a defect');
        });
    }
  },
});
