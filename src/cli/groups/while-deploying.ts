import { setTimeout as pause } from 'node:timers/promises';
import { groups } from '../../../contracts/groups.ts';
import type { Context } from '../context.ts';
import type { PlaceOptions } from '../options.ts';
import { redraw } from '../redraw.ts';
import type { Session } from '../session.ts';
import { deploymentText } from './group-text.ts';

/** People see no more than this. */
const LOOK_MS = 400;

/** A call that leads a group to another release: on a terminal, how far it is is shown until it answers. */
export async function whileDeploying<T>(
  group: string,
  options: PlaceOptions,
  { io, deps, signal }: Context,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await deps.session(options);
  const ending = new AbortController();
  const showing = io.terminal && !options.json ? show(group, session, io, ending.signal) : Promise.resolve();
  try {
    return await work(session);
  } finally {
    ending.abort();
    await showing;
    await session.close();
    signal.throwIfAborted();
  }
}

async function show(group: string, session: Session, io: Context['io'], signal: AbortSignal): Promise<void> {
  const draw = redraw(io);
  try {
    for (;;) {
      await pause(LOOK_MS, undefined, { signal });
      const { deployment } = await session.open(groups).get({ group }, { signal });
      if (deployment !== undefined) draw(deploymentText(deployment));
    }
  } catch {
    // It has answered, or will say itself what is wrong.
    draw('');
  }
}
