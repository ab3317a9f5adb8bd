import { containers } from '../../../contracts/containers.ts';
import { groups } from '../../../contracts/groups.ts';
import type { Session } from '../session.ts';
import { orGroup } from './or-group.ts';

/** What became of one name, or would. */
export interface Rolled {
  readonly name: string;
  readonly outcome: 'up_to_date' | 'updated' | 'outdated';
  /** Services or containers that have, or would get, another image. */
  readonly changed: readonly string[];
  /** Containers that are needed, and did not run. */
  readonly started: readonly string[];
}

interface How {
  /** Nothing is pulled or changed. */
  readonly dry: boolean;
  readonly dependencies: boolean;
  readonly signal: AbortSignal;
}

/** Pull the image of a container, or of a group’s services, and bring exactly what has another one now to it, with what it needs. */
export function pullAndRoll(session: Session, name: string, how: How): Promise<Rolled> {
  const { dependencies, dry, signal } = how;
  const rest = { ...(!dependencies && { dependencies }), ...(dry ? { dry_run: true } : { wait: true }) };
  const group = async (of: string, services?: string[]): Promise<Rolled> => {
    const request = { group: of, ...(services && { services }), ...rest };
    return told(name, dry, await session.open(groups).update(request, { signal }));
  };
  return orGroup<Rolled>(
    async () => {
      const docker = session.open(containers);
      const before = await docker.get({ id: name }, { signal });
      if (before.group !== undefined && before.service !== undefined)
        return await group(before.group, [before.service]);
      return told(name, dry, await docker.refresh({ id: name, ...rest }, { signal }));
    },
    () => group(name),
  );
}

function told(
  name: string,
  dry: boolean,
  { changed, started = [] }: { readonly changed: string[]; readonly started?: string[] | undefined },
): Rolled {
  if (changed.length + started.length === 0) return { name, outcome: 'up_to_date', changed, started };
  return { name, outcome: dry ? 'outdated' : 'updated', changed, started };
}
