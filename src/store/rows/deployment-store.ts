import { ContractError } from '../../../contracts/contract-error.ts';
import { columnsOfSlot, type Services } from '../../plan/groups/release.ts';
import {
  beginning,
  type RolloutChange,
  type RolloutConfig,
  type RolloutStep,
} from '../../plan/groups/rollout.ts';
import type { Replacement } from '../../plan/replacement.ts';
import type { Connection } from '../connection.ts';
import type { ContainerRow } from '../container-row.ts';
import type { DeploymentRow, DeploymentState, GroupRow, GroupStore } from '../group-rows.ts';
import { changeQuery } from './change-query.ts';
import { membershipOf, slotPlacer } from './place-slot.ts';
import { takenNames } from './refuse-taken.ts';
import type { Releases } from './release-store.ts';
import { type RawRow, readRow } from './row-codec.ts';

type Raw = Omit<DeploymentRow, 'targets' | 'config' | 'progress' | 'reason'> & {
  readonly targets: string;
  readonly config: string | null;
  readonly progress: string;
  readonly reason: string | null;
};

type Deployments = Pick<GroupStore, 'deploy' | 'deployment' | 'deployments' | 'active' | 'step'>;

/** Deployments: each step is decided and written in one transaction, so that it needs no lease. */
export function deploymentStore(
  connection: Connection,
  now: () => number,
  groups: { readonly group: (name: string) => GroupRow | undefined; readonly releases: Releases },
): Deployments {
  const { db, run, transaction } = connection;
  const { releases } = groups;
  const byId = db.prepare<[string], Raw>('SELECT * FROM deployments WHERE id = ?');
  const active = db.prepare<[], Raw>('SELECT * FROM deployments WHERE ended_at IS NULL ORDER BY started_at');
  const activeOf = db.prepare<[string], Raw>(
    'SELECT * FROM deployments WHERE group_name = ? AND ended_at IS NULL',
  );
  const newest = db.prepare<[string, number], Raw>(
    'SELECT * FROM deployments WHERE group_name = ? ORDER BY started_at DESC, id DESC LIMIT ?',
  );
  const insert = db.prepare(`
    INSERT INTO deployments (id, group_name, kind, from_release, to_release, targets, config, state, progress, by, started_at, due_at)
    VALUES (@id, @group_name, @kind, @from_release, @to_release, @targets, @config, 'running', @progress, @by, @started_at, @started_at)`);
  const supersede = db.prepare(
    "UPDATE deployments SET state = 'superseded', ended_at = @at, due_at = NULL WHERE id = @id",
  );
  const advance = db.prepare(`
    UPDATE deployments SET state = @state, progress = @progress, reason = ifnull(@reason, reason), due_at = @due_at, ended_at = @ended_at
    WHERE id = @id`);
  const point = db.prepare(
    "UPDATE groups SET release = @release, entry_hashes = ifnull(@entry_hashes, entry_hashes), desired_state = 'running' WHERE name = @name",
  );
  const members = db.prepare<[string], RawRow>(
    'SELECT * FROM containers WHERE group_name = ? AND removed_at IS NULL',
  );
  const changes = rowChanges(connection, now);
  const get = (id: string): DeploymentRow | undefined => optional(byId.get(id));
  const found = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new ContractError('not_found', `there is no ${what}`);
    return value;
  };
  return {
    deploy: (wanted) =>
      transaction(() => {
        const { id, group_name, kind, started_at, by, to } = wanted;
        const group = found(groups.group(group_name), `group ${group_name}`);
        const before = optional(activeOf.get(group_name));
        if (before !== undefined && !wanted.supersede) throw busy(before);
        if (before !== undefined) supersede.run({ id: before.id, at: started_at });
        else remember(group_name, group.release, members.all(group_name).map(readRow), releases);
        const number =
          'number' in to
            ? found(releases.get(group_name, to.number), `release ${to.number} of ${group_name}`).number
            : releases.add({
                ...{ group_name, cause: to.cause, created_at: started_at },
                services: unproven(to.services, wanted.targets),
              });
        // What is left of one that was broken off is no release that anybody could go back to.
        const from_release = before?.from_release ?? group.release;
        insert.run({
          ...{ id, group_name, kind, by, started_at, from_release, to_release: number },
          targets: JSON.stringify(wanted.targets),
          config: wanted.config === null ? null : JSON.stringify(wanted.config),
          progress: JSON.stringify(beginning(wanted.again ?? [])),
        });
        const entry_hashes = wanted.entry_hashes && JSON.stringify(wanted.entry_hashes);
        point.run({ name: group_name, release: number, entry_hashes: entry_hashes ?? null });
        return found(get(id), `deployment ${id}`);
      }),
    deployment: (id) => run(() => get(id)),
    deployments: (name, limit) => run(() => newest.all(name, limit).map(rowOf)),
    active: () => run(() => active.all().map(rowOf)),
    step: (id, decide, at) =>
      transaction(() => {
        const deployment = get(id);
        const group = deployment && groups.group(deployment.group_name);
        if (deployment === undefined || group === undefined || deployment.ended_at !== null) return undefined;
        const servicesOf = (number: number) =>
          found(releases.get(group.name, number), `release ${number} of ${group.name}`).services;
        const rows = members.all(group.name).map(readRow);
        const state: DeploymentState = {
          ...{ group, deployment, rows },
          from: servicesOf(deployment.from_release),
          to: servicesOf(deployment.to_release),
        };
        const step = decide(state);
        const changed = step.changes.map((change) => changes(group.name, change, at));
        const next = stateOf(step);
        const ended_at = step.end === undefined ? null : at;
        advance.run({
          ...{ id, state: next, ended_at, due_at: step.due_at },
          progress: JSON.stringify(step.progress),
          reason: step.reason === undefined ? null : JSON.stringify(step.reason),
        });
        if (step.progress.direction === 'back')
          point.run({ name: group.name, release: deployment.from_release, entry_hashes: null });
        if (next === 'succeeded') remember(group.name, deployment.to_release, rows, releases);
        return { deployment: found(get(id), `deployment ${id}`), changed };
      }),
  };
}

function stateOf({ end, progress }: RolloutStep): DeploymentRow['state'] {
  return end?.state ?? (progress.direction === 'back' ? 'rolling_back' : 'running');
}

/** The images that a release was proven with, by id: a tag may name another one when somebody wants it back. */
function remember(
  group_name: string,
  number: number,
  rows: readonly ContainerRow[],
  releases: Releases,
): void {
  const release = releases.get(group_name, number);
  if (release === undefined) return;
  const images = new Map(
    rows.filter((row) => row.release === number).map(({ service, image_id }) => [service, image_id]),
  );
  const services = Object.fromEntries(
    Object.entries(release.services).map(([name, service]) => {
      const image_id = service.image_id ?? images.get(name) ?? undefined;
      return [name, image_id === undefined ? service : { ...service, image_id }];
    }),
  );
  releases.amend({ group_name, number, services });
}

/** What changes is yet to be proven, with whatever image its name means now. */
function unproven(services: Services, targets: readonly string[]): Services {
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [
      name,
      targets.includes(name) ? { ...service, image_id: undefined } : service,
    ]),
  );
}

/** One change of a row; its id. */
function rowChanges(
  connection: Connection,
  now: () => number,
): (group: string, change: RolloutChange, at: number) => string {
  const { db, prepared } = connection;
  const place = slotPlacer(connection, now);
  const refuseTaken = takenNames(connection);
  const adopt = db.prepare('UPDATE containers SET release = @release WHERE id = @id');
  const change = (id: string, mind: Parameters<typeof changeQuery>[1], at: number): void => {
    const { sql, parameters } = changeQuery(id, mind, at);
    prepared(sql).get(...parameters);
  };
  return (group, one, at) => {
    switch (one.type) {
      case 'insert':
        return place({ group, release: one.release }, one.slot, at).id;
      case 'replace': {
        refuseTaken(one.slot.name, one.id);
        const spec = columnsOfSlot(one.slot);
        const member = membershipOf({ group, release: one.release }, one.slot);
        change(one.id, { spec, member, replacement: replacementOf(one.config) }, at);
        return one.id;
      }
      case 'adopt':
        adopt.run({ id: one.id, release: one.release });
        return one.id;
      case 'remove':
        change(one.id, { desired_state: 'removed' }, at);
        return one.id;
    }
  };
}

/** How the worker of a member replaces its container. */
function replacementOf({ strategy, order, drain, monitor, timeout }: RolloutConfig): Replacement {
  return { order: strategy === 'recreate' ? 'stop_first' : order, drain, monitor, timeout };
}

function busy({ id, kind, by, started_at, group_name }: DeploymentRow): ContractError {
  const since = new Date(started_at).toISOString();
  return new ContractError('busy', `${group_name} is being changed: ${kind} ${id}, by ${by} since ${since}`, {
    details: { deployment_id: id, kind, by, since },
  });
}

function optional(raw: Raw | undefined): DeploymentRow | undefined {
  return raw && rowOf(raw);
}

/** What we wrote ourselves is not checked again. */
function rowOf({ targets, config, progress, reason, ...raw }: Raw): DeploymentRow {
  return {
    ...raw,
    targets: JSON.parse(targets) as DeploymentRow['targets'],
    config: config === null ? null : (JSON.parse(config) as DeploymentRow['config']),
    progress: JSON.parse(progress) as DeploymentRow['progress'],
    reason: reason === null ? null : (JSON.parse(reason) as DeploymentRow['reason']),
  };
}
