import { setTimeout as pause } from 'node:timers/promises';
import { containers } from '../../../contracts/containers.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { groups } from '../../../contracts/groups.ts';
import { images } from '../../../contracts/images.ts';
import type { Session } from '../session.ts';
import { orGroup } from './or-group.ts';

/** What became of one name. */
export interface Rolled {
  readonly name: string;
  readonly outcome: 'up_to_date' | 'updated' | 'outdated';
  /** Services or containers that have, or would get, another image. */
  readonly changed: readonly string[];
}

const LOOK_MS = 250;
/** The daemon hears of the image by itself; one that has not by then is told. */
const HEARD_MS = 15_000;

/** Pull the image of a container, or of a group’s services, and bring exactly what has another one now to it. */
export function pullAndRoll(
  session: Session,
  name: string,
  { dry, signal }: { readonly dry: boolean; readonly signal: AbortSignal },
): Promise<Rolled> {
  const group = (of: string, services?: string[]): Promise<Rolled> =>
    rollGroup(session, { name, of, services, dry, signal });
  return orGroup<Rolled>(
    async () => {
      const docker = session.open(containers);
      const before = await docker.get({ id: name }, { signal });
      if (before.group !== undefined && before.service !== undefined)
        return await group(before.group, [before.service]);
      if (dry)
        throw new ContractError(
          'invalid_input',
          `${name} is in no group: it follows its image as soon as that is pulled, so nothing can be said beforehand`,
          { next: 'Leave --dry-run out, or look at a group with it.' },
        );
      const { id } = await session.open(images).pull({ image: before.image }, { signal });
      if (before.image_id === undefined || before.image_id === id)
        return { name, outcome: 'up_to_date', changed: [] };
      if (before.status !== 'running') return { name, outcome: 'outdated', changed: [before.name] };
      if (!(await comesBy(session, name, id, signal)))
        await docker.restart({ id: name, wait: true }, { signal });
      return { name, outcome: 'updated', changed: [before.name] };
    },
    () => group(name),
  );
}

interface GroupRoll {
  readonly name: string;
  readonly of: string;
  readonly services: string[] | undefined;
  readonly dry: boolean;
  readonly signal: AbortSignal;
}

async function rollGroup(session: Session, { name, of, services, dry, signal }: GroupRoll): Promise<Rolled> {
  const { changed } = await session
    .open(groups)
    .update(
      { group: of, ...(services && { services }), ...(dry ? { dry_run: true } : { wait: true }) },
      { signal },
    );
  if (changed.length === 0) return { name, outcome: 'up_to_date', changed };
  return { name, outcome: dry ? 'outdated' : 'updated', changed };
}

/** Whether it is made anew of that image within a moment, without being told. */
async function comesBy(
  session: Session,
  id: string,
  image_id: string,
  signal: AbortSignal,
): Promise<boolean> {
  const late = performance.now() + HEARD_MS;
  while (performance.now() < late) {
    const view = await session.open(containers).get({ id }, { signal });
    if (view.image_id === image_id && view.status === 'running') return true;
    await pause(LOOK_MS, undefined, { signal });
  }
  return false;
}
