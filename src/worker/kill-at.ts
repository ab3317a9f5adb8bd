import { existsSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { ActionType } from '../plan/actions.ts';

/** Where a worker process kills itself, once: for tests of what its successor makes of it. */
const place = z.strictObject({
  moment: z.enum(['before', 'after']),
  /** Of the engine’s actions; left out, of all of them. */
  action: z.string().optional(),
  /** The so-manieth of them that this process comes to. */
  nth: z.int().min(1),
  /** Made as it dies; while it is there nobody dies. */
  once: z.string().min(1),
});
export type KillAt = z.infer<typeof place>;

/** Told before and after each action on the engine. */
export type AtAction = (moment: KillAt['moment'], action: ActionType) => void;

/** Never returns from the moment that `text` (JSON) names: the process is gone as by kill -9. Without a text it does nothing. */
export function killAt(text: string | undefined): AtAction {
  if (text === undefined) return () => undefined;
  const { moment, action, nth, once } = place.parse(JSON.parse(text));
  let seen = 0;
  return (now, type) => {
    if (now !== moment || (action !== undefined && type !== action) || existsSync(once)) return;
    seen += 1;
    if (seen < nth) return;
    writeFileSync(once, `${moment} ${type}`);
    process.kill(process.pid, 'SIGKILL');
  };
}
