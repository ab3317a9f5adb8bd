import type { containers } from '../../contracts/containers.ts';
import type { Handlers } from '../../contracts/contract.ts';
import { acting } from './containers/acting.ts';
import { cleanup } from './containers/cleanup.ts';
import { compose } from './containers/compose.ts';
import { create } from './containers/create.ts';
import { remove } from './containers/delete.ts';
import { files } from './containers/files.ts';
import { findContainer } from './containers/find-container.ts';
import { inspect } from './containers/inspect.ts';
import { list } from './containers/list.ts';
import { logs } from './containers/logs.ts';
import type { ContainerParts } from './containers/parts.ts';
import { refresh } from './containers/refresh.ts';
import { rename } from './containers/rename.ts';
import { running } from './containers/running.ts';
import { stats } from './containers/stats.ts';
import { subscribing } from './containers/subscribing.ts';
import { teardown } from './containers/teardown.ts';
import { top } from './containers/top.ts';
import { update } from './containers/update.ts';
import { viewOfForeign, viewWithProbes } from './containers/view.ts';
import { wait } from './containers/wait.ts';
import { sessionHandlers } from './sessions/sessions.ts';

/** `userspace.docker:containers` */
export function containerHandlers(parts: ContainerParts): Handlers<typeof containers> {
  return {
    create: create(parts),
    get: async ({ id }, { signal }) => {
      const found = await findContainer(id, parts, signal);
      return found.kind === 'foreign'
        ? viewOfForeign(found.seen)
        : viewWithProbes(found.row, !(await parts.engineAnswers()));
    },
    list: list(parts),
    logs: logs(parts),
    delete: remove(parts),
    inspect: inspect(parts),
    rename: rename(parts),
    stats: stats(parts),
    top: top(parts),
    wait: wait(parts),
    compose: compose(parts),
    teardown: teardown(parts),
    cleanup: cleanup(parts),
    update: update(parts),
    refresh: refresh(parts),
    ...files(parts),
    ...acting(parts),
    ...running(parts),
    ...sessionHandlers(parts),
    ...subscribing(parts),
  };
}
