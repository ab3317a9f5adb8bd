import { spawn } from 'node:child_process';
import { lockDaemon } from '../../../src/runtime/daemon-lock.ts';
import { holdFile } from '../../../src/store/hold-file.ts';
import { serveParent } from '../../support/serve-parent.ts';

serveParent({
  lock: (path: string) => {
    lockDaemon(path, holdFile);
  },
  /** One that outlives this process. */
  spawnChild: () => spawn('sleep', ['600'], { stdio: 'ignore', detached: true }).pid,
});
