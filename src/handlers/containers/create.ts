import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { StreamTarget } from '../../../contracts/events.ts';
import { parseImageReference } from '../../engine/image-reference.ts';
import { MADE_PREFIX } from '../../plan/made.ts';
import { imageOf } from '../../plan/mentioned.ts';
import { restartPolicyOf } from '../../plan/restart-policy.ts';
import { recreateHash, specHash } from '../../plan/spec-hash.ts';
import { newId } from '../../runtime/ids.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { NewContainer } from '../../store/store.ts';
import type { ContainerParts } from './parts.ts';

type Create = Handlers<typeof containers>['create'];

/** The row and its subscription in one transaction; a worker does the rest. */
export function create(parts: ContainerParts): Create {
  const { store, hub, clock, poke } = parts;
  return async ({ name: wanted, start = true, if_exists = 'fail', stream, ...spec }, { self }) => {
    parseImageReference(imageOf(spec));
    const id = newId(MADE_PREFIX, clock.now());
    const name = wanted ?? id.toLowerCase().replace('_', '-');
    const target = stream === undefined ? undefined : { ...stream, reply_to: stream.reply_to ?? self };
    const columns = columnsOf({ id, name, spec, start, now: clock.now() });
    const there = store.containers.find(name);
    const row =
      there !== undefined && there.status !== 'removed' && if_exists !== 'fail'
        ? takeOver(there, columns, if_exists, target, parts)
        : store.containers.insert(columns, target);
    if (target !== undefined)
      await hub.subscribed({
        container_id: row.id,
        reply_to: target.reply_to,
        topic: target.topic,
        acked_seq: 0,
      });
    poke();
    return { id: row.id, status: row.status };
  };
}

function columnsOf({
  id,
  name,
  spec,
  start,
  now,
}: {
  readonly id: string;
  readonly name: string;
  readonly spec: NewContainer['spec'];
  readonly start: boolean;
  readonly now: number;
}): NewContainer {
  const aliases = [name];
  const extras = { name, aliases, restart_policy: restartPolicyOf(spec, false) };
  return {
    id,
    name,
    entry_source: null,
    declared: false,
    aliases,
    spec,
    spec_hash: specHash(spec, extras),
    recreate_hash: recreateHash(spec, extras),
    desired_state: start ? 'running' : 'created',
    stop_timeout: null,
    created_at: now,
  };
}

/** `reuse` leaves one that is wanted so as it is, and refuses another; `replace` gives it the new spec. */
function takeOver(
  there: ContainerRow,
  columns: NewContainer,
  how: 'reuse' | 'replace',
  target: StreamTarget | undefined,
  { store, clock }: ContainerParts,
): ContainerRow {
  if (there.declared)
    throw new ContractError(
      'name_conflict',
      `the name ${there.name} is taken by the registry entry ${there.id}`,
      { details: { id: there.id, name: there.name } },
    );
  if (target !== undefined) store.subscriptions.ensure(there.id, target, clock.now());
  if (how === 'reuse') {
    if (there.spec_hash === columns.spec_hash && there.desired_state !== 'removed') return there;
    throw new ContractError(
      'name_conflict',
      `the name ${there.name} is taken by ${there.id}, which is another container`,
      {
        details: { id: there.id, name: there.name },
        next: 'Say `if_exists: replace`, or choose another name.',
      },
    );
  }
  const { spec, spec_hash, recreate_hash, aliases, name, entry_source, desired_state } = columns;
  const changed = store.containers.change(
    there.id,
    { spec: { spec, spec_hash, recreate_hash, aliases, name, entry_source }, desired_state },
    clock.now(),
  );
  if (changed === undefined) throw new ContractError('not_found', `${there.id} is gone meanwhile`);
  return changed;
}
