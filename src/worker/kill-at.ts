import { existsSync, readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';
import type { ActionType } from '../plan/actions.ts';

/** Where a process is killed, once: for tests of what its successor makes of it. */
const place = z.strictObject({
  /** The supervisor is killed by its worker, which goes on until it notices. */
  who: z.enum(['worker', 'supervisor']),
  moment: z.enum(['before', 'after']),
  action: z.string(),
  /** The so-manieth of them that one worker comes to. */
  nth: z.int().min(1),
});
export type KillAt = z.infer<typeof place>;

/** Told before and after each action on the engine. */
export type AtAction = (moment: KillAt['moment'], action: ActionType) => void;

/**
 * Ends a process, as by kill -9, at the place that the file holds as JSON. Nobody dies while the file is not there, and as one
 * dies it is renamed to `FILE.done`. Without a file it does nothing.
 */
export function killAt(file: string | undefined): AtAction {
  if (file === undefined) return () => undefined;
  const supervisor = process.ppid;
  let wanted = '';
  let seen = 0;
  return (now, type) => {
    if (!existsSync(file)) return;
    const text = readFileSync(file, 'utf8');
    if (text !== wanted) seen = 0;
    wanted = text;
    const { who, moment, action, nth } = place.parse(JSON.parse(text));
    if (now !== moment || type !== action) return;
    seen += 1;
    // A supervisor that is gone already must not have its worker kill whoever adopted that.
    if (seen < nth || process.ppid !== supervisor) return;
    renameSync(file, `${file}.done`);
    process.kill(who === 'worker' ? process.pid : supervisor, 'SIGKILL');
  };
}
