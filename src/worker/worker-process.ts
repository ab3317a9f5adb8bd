import { z } from 'zod';
import { ipcPublisher } from '../bus/ipc-bus.ts';
import { openEngine } from '../engine/open-engine.ts';
import { registriesOf } from '../engine/registries.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { createLog, LOG_LEVELS } from '../runtime/log.ts';
import { dieOnDefects, shutdownSignal } from '../runtime/shutdown.ts';
import { openJournal } from '../store/open-journal.ts';
import { openStore } from '../store/open-store.ts';
import { killAt } from './kill-at.ts';
import { startWorker, WORKER_SETTINGS } from './worker.ts';

/** What the parent says on the command line. */
const settings = z.object({
  name: z.string(),
  database: z.string(),
  journal: z.string(),
  builds_folder: z.string(),
  engine: z.string(),
  probe_image: z.string().optional(),
  tls: z.object({
    cert_path: z.string().optional(),
    verify: z.boolean().optional(),
    secure: z.boolean().optional(),
  }),
  /** Left out: nobody in particular to any registry. */
  registries: z
    .object({
      home: z.string(),
      docker_config: z.string().optional(),
      registry: z.string().optional(),
      default_tag: z.string().optional(),
    })
    .optional(),
  instance: z.string(),
  key: z.base64(),
  log_level: z.enum(LOG_LEVELS),
  /** Other times than the usual ones. */
  timing: z
    .strictObject({
      lease_ms: z.int().positive(),
      renew_ms: z.int().positive(),
      fallback_ms: z.int().positive(),
    })
    .optional(),
});

/** How long letting everything go may take. */
const END_MS = 10_000;

const given = settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const log = createLog(given.log_level, { worker: given.name });
const store = await openStore({ path: given.database });
const journal = await openJournal({ path: given.journal });
const engine = openEngine(
  given.engine,
  given.tls,
  given.registries &&
    registriesOf({ ...given.registries, docker_auth_config: readConfig().docker_auth_config }),
);
const publisher = ipcPublisher((notice, done) => {
  if (process.send === undefined || !process.connected) done();
  else process.send(notice, undefined, undefined, done);
});
const worker = startWorker(
  {
    name: given.name,
    store,
    journal,
    engine,
    publisher,
    clock: systemClock,
    log,
    builds_folder: given.builds_folder,
    atAction: killAt(readConfig().kill_at),
    engine_host: given.engine,
    ...(given.probe_image !== undefined && { probe_image: given.probe_image }),
    identity: { instance: given.instance, key: Buffer.from(given.key, 'base64') },
  },
  { ...WORKER_SETTINGS, ...given.timing },
);

const end = async (): Promise<void> => {
  await worker.stop();
  await engine.close();
  await journal.close();
  store.close();
};
dieOnDefects(log, end);

// Ctrl-C reaches every process of the terminal: the parent alone says when its workers end.
const signal = shutdownSignal(undefined, ['SIGTERM']);
process.on('SIGINT', () => log.debug('the parent ends this process'));
const finish = (): void => {
  // The parent kills what does not end; without a parent this is the bound.
  setTimeout(() => process.exit(1), END_MS).unref();
  end().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ error }, 'ending failed');
      process.exit(1);
    },
  );
};
signal.addEventListener('abort', finish, { once: true });
process.on('message', () => worker.poke());
// The supervisor is gone: its containers stay, its workers do not.
process.on('disconnect', () => {
  if (!signal.aborted) finish();
});
