import { isContractError } from '../../../contracts/contract-error.ts';
import { compareServices } from '../../plan/groups/compare-services.ts';
import { lastGood } from '../../plan/groups/last-good.ts';
import { newId } from '../../runtime/ids.ts';
import type { Log } from '../../runtime/log.ts';
import type { Store } from '../../store/store.ts';

/** A member that says `on_unhealthy: rollback` and has become so takes its group back to the last good release. What is under way is left to end; it judges its members itself. */
export function backFromUnhealthy(
  id: string,
  { store, log, now }: { readonly store: Store; readonly log: Log; readonly now: () => number },
): void {
  const row = store.containers.get(id);
  if (row === undefined || row.group_name === null || row.health !== 'unhealthy') return;
  if (row.spec.on_unhealthy !== 'rollback' || row.desired_state !== 'running') return;
  const group = store.groups.get(row.group_name);
  if (group === undefined || group.desired_state !== 'running' || row.release !== group.release) return;
  const { name, release } = group;
  const number = lastGood(release, store.groups.deployments(name, 200));
  const goal = number === undefined ? undefined : store.groups.release(name, number);
  const services = store.groups.release(name, release)?.services ?? {};
  const changed = compareServices(services, goal?.services ?? {}).filter(({ action }) => action !== 'keep');
  if (goal === undefined || !changed.some(({ service }) => service === row.service)) {
    const why = `${row.name} is unhealthy, and ${name} has no release in which it was another one`;
    log.warn({ container: id, group: name }, why);
    return;
  }
  const started_at = now();
  try {
    store.groups.deploy({
      ...{ id: newId('dep', started_at), group_name: name, kind: 'rollback', started_at, supersede: false },
      ...{ by: `on_unhealthy of ${row.name}`, to: { number: goal.number }, config: null },
      targets: changed.map(({ service }) => service),
    });
    log.warn(
      { container: id, group: name },
      `${row.name} is unhealthy: ${name} goes back to release ${goal.number}`,
    );
  } catch (error) {
    if (!isContractError(error, 'busy')) throw error;
  }
}
