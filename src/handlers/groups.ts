import type { Handlers } from '../../contracts/contract.ts';
import type { groups } from '../../contracts/groups.ts';
import { teardown } from './containers/teardown.ts';
import { acting } from './groups/acting.ts';
import { deploying } from './groups/deploying.ts';
import { goingBack } from './groups/going-back.ts';
import { looking } from './groups/looking.ts';
import type { GroupParts } from './groups/parts.ts';

/** The methods of `userspace.docker:groups`. */
export function groupHandlers(parts: GroupParts): Handlers<typeof groups> {
  return {
    ...looking(parts),
    ...deploying(parts),
    ...goingBack(parts),
    ...acting(parts),
    teardown: teardown(parts),
  };
}
