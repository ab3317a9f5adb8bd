import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../engine/labels.ts';
import type { Plan } from '../plan/actions.ts';
import type { Desired } from '../plan/desired.ts';
import type { Difference } from '../plan/fields/differences.ts';
import { objectOf } from '../plan/format-plan.ts';
import { mentionedNetworks } from '../plan/mentioned.ts';
import { type Observed, oursOf } from '../plan/observed.ts';
import { planContainer } from '../plan/plan-container.ts';
import { tellDifferences } from '../plan/tell-differences.ts';
import { observe } from '../reconcile/observe.ts';
import { type DesiredOfEntry, desiredOfEntry } from '../registry/desired-of-entry.ts';
import { diffEntries, type EntryChange } from '../registry/diff-entries.ts';
import { desiredOfGroup, groupsOf } from '../registry/groups-of.ts';
import { holdCause } from '../registry/hold.ts';
import type { Scan } from '../registry/scan.ts';
import type { ContainerRow } from '../store/container-row.ts';
import type { ResourceRow } from '../store/surrounding-stores.ts';
import { desiredOf } from '../worker/desired-of.ts';
import { type PlannedResource, planResources } from './plan-resources.ts';

export interface PlannedContainer {
  readonly id: string;
  readonly name: string;
  readonly change: EntryChange['type'];
  readonly refused?: string;
  /** Where the container that is there is not as it is declared; what looks like a secret is masked. */
  readonly differs: readonly Difference[];
  readonly steps: readonly { readonly action: string; readonly on: string; readonly cause: string }[];
}

export interface Planning {
  readonly engine: Engine;
  readonly identity: Identity;
  /** Declared rows that are not removed. */
  readonly rows: readonly ContainerRow[];
  readonly signal: AbortSignal;
}

/** What `up` would do about all that is declared, and why. Asks the engine, and changes nothing. */
export async function planAll(
  seen: Scan,
  planning: Planning & { readonly resources: readonly ResourceRow[] },
): Promise<{
  readonly resources: readonly PlannedResource[];
  readonly containers: readonly PlannedContainer[];
}> {
  const resources = await planResources(seen, { ...planning, rows: planning.resources });
  const declared = new Set(
    seen.resources.map(({ resource, resource_name }) => `create_${resource} ${resource_name}`),
  );
  const containers = await planRegistry(seen, planning);
  return {
    resources,
    // What is declared is made as declared, and told once.
    containers: containers.map((one) => ({
      ...one,
      steps: one.steps.filter(({ action, on }) => !declared.has(`${action} ${on}`)),
    })),
  };
}

/** What `up` would do about each declared container, and why. Asks the engine, and changes nothing. */
export async function planRegistry(
  seen: Scan,
  { engine, identity, rows, signal }: Planning,
): Promise<readonly PlannedContainer[]> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const { lone, groups } = groupsOf(seen.entries, seen.groups);
  const wantedRows = [...lone.map(desiredOfEntry), ...groups.flatMap(desiredOfGroup)];
  const changes = diffEntries(wantedRows, rows, (row) => holdCause(seen.hold, row));
  const wanted = new Set([
    ...seen.resources.map(({ resource_name }) => resource_name),
    ...changes.flatMap((change) => (change.type === 'remove' ? [] : networksOf(change, byId.get(change.id)))),
  ]);
  const planned: PlannedContainer[] = [];
  for (const change of changes) {
    const row = byId.get(change.id);
    const desired = desiredOfChange(change, row);
    if (desired === undefined) continue;
    const observed = await observe(
      desired,
      { engine_id: row?.engine_id ?? null },
      {
        engine,
        identity,
        signal,
        now: Date.now,
        isNetworkWanted: (network) => wanted.has(network) && change.type !== 'remove',
      },
    );
    const steps = told(planContainer(desired, observed));
    planned.push({
      id: change.id,
      name: desired.name,
      change: change.type,
      ...steps,
      differs: steps.steps.length === 0 ? [] : await differs(desired, observed, { engine, signal }),
    });
  }
  return planned;
}

/** What is to go, or is not there, differs in nothing. */
async function differs(
  desired: Desired,
  observed: Observed,
  { engine, signal }: Pick<Planning, 'engine' | 'signal'>,
): Promise<readonly Difference[]> {
  const seen = oursOf(observed);
  if (seen === undefined || desired.state === 'removed') return [];
  const from = await engine.images.inspect(seen.image_id, signal);
  return tellDifferences(desired, seen, { from, to: observed.image });
}

function told(plan: Plan): Pick<PlannedContainer, 'refused' | 'steps'> {
  if (plan.kind === 'refused') return { refused: plan.message, steps: [] };
  const steps = plan.kind === 'waiting' ? (plan.ahead ? [plan.ahead] : []) : plan.steps;
  return {
    steps: steps.map(({ action, cause }) => ({ action: action.type, on: objectOf(action), cause })),
  };
}

function networksOf(
  change: Exclude<EntryChange, { type: 'remove' }>,
  row: ContainerRow | undefined,
): readonly string[] {
  return mentionedNetworks(change.desired?.spec ?? row?.spec ?? {});
}

function desiredOfChange(change: EntryChange, row: ContainerRow | undefined): Desired | undefined {
  switch (change.type) {
    case 'create':
    case 'change':
      return fresh(change.desired);
    case 'keep':
      return row === undefined ? undefined : desiredOf(row);
    case 'remove':
      return row === undefined ? undefined : { ...desiredOf(row), state: 'removed' };
  }
}

function fresh({ id, name, spec, spec_hash, recreate_hash, aliases }: DesiredOfEntry): Desired {
  return {
    id,
    name,
    spec,
    spec_hash,
    recreate_hash,
    aliases,
    declared: true,
    state: 'running',
    generation: 1,
    started: false,
    held_back: false,
  };
}
