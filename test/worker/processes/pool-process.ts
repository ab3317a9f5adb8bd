import { silentLog } from '../../../src/runtime/log.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { startPool } from '../../../src/supervisor/pool.ts';
import { IDENTITY } from '../../support/a-workplace.ts';
import { serveParent } from '../../support/serve-parent.ts';

// A parent of two worker processes: node pool-process.ts FOLDER ENGINE
const [, , folder = '', engine = ''] = process.argv;
const pool = startPool({
  count: 2,
  main: new URL('../../../src/worker/main.ts', import.meta.url),
  settings: {
    database: `${folder}/berth.db`,
    journal: `${folder}/logs.db`,
    builds_folder: `${folder}/builds`,
    engine,
    tls: {},
    instance: IDENTITY.instance,
    key: IDENTITY.key.toString('base64'),
    log_level: 'error',
  },
  store: await openStore({ path: `${folder}/berth.db` }),
  hub: { publish: () => undefined },
  log: silentLog(),
  now: Date.now,
});

serveParent({ pids: () => pool.pids() });
