import { describe, expect, test } from 'vitest';
import { planRollout } from '../../../src/plan/groups/plan-rollout.ts';
import { type ReleaseService, type Services, slotKey, slotsOf } from '../../../src/plan/groups/release.ts';
import {
  beginning,
  type MemberRow,
  type Progress,
  type RolloutConfig,
  type RolloutStep,
  rolloutConfig,
} from '../../../src/plan/groups/rollout.ts';

const service = (version: number, given: Partial<ReleaseService> = {}): ReleaseService => ({
  name: given.name ?? 'g-web',
  spec: { image: `app:${version}`, ...given.spec },
  replicas: 2,
  start: true,
  ...given,
});

/** What workers make of a changed row. */
type Fate = 'good' | 'bad' | 'slow';

/** A group without an engine: rows change as a worker would have them, a moment later. */
class World {
  rows: MemberRow[];
  progress: Progress;
  now = 0;
  readonly log: string[] = [];
  last: RolloutStep | undefined;
  readonly from: Services;
  readonly to: Services;
  readonly config: Partial<RolloutConfig>;

  constructor(
    from: Services,
    to: Services,
    config: Partial<RolloutConfig> = {},
    again: readonly string[] = [],
  ) {
    this.from = from;
    this.to = to;
    this.config = config;
    this.progress = beginning(again);
    this.rows = slotsOf(from).map((slot) => ({
      ...aRow(slotKey(slot), 1, slot.spec_hash),
      service: slot.service,
      replica: slot.replica,
    }));
  }

  step(): RolloutStep {
    const step = planRollout({
      from: { number: 1, services: this.from },
      to: { number: 2, services: this.to },
      targets: new Set([...Object.keys(this.from), ...Object.keys(this.to)]),
      config: () => rolloutConfig(this.config, { monitor: 0 }),
      progress: this.progress,
      rows: this.rows,
      now: this.now,
    });
    // What crosses a crash is JSON.
    this.progress = JSON.parse(JSON.stringify(step.progress)) as Progress;
    for (const change of step.changes) {
      switch (change.type) {
        case 'insert':
          this.log.push(`insert ${change.slot.key}`);
          this.rows.push({
            ...aRow(change.slot.key, change.release, change.slot.spec_hash),
            ...{ service: change.slot.service, replica: change.slot.replica },
            ...{ status: 'pending', ready: false, applied_generation: 0 },
          });
          break;
        case 'replace':
          this.log.push(`replace ${change.id}`);
          this.patch(change.id, (row) => ({
            ...{ generation: row.generation + 1, release: change.release, spec_hash: change.slot.spec_hash },
            ...{ status: 'pending', ready: false, reason: null },
          }));
          break;
        case 'adopt':
          this.patch(change.id, () => ({ release: change.release }));
          break;
        case 'remove':
          this.log.push(`remove ${change.id}`);
          this.rows = this.rows.filter(({ id }) => id !== change.id);
      }
    }
    this.last = step;
    return step;
  }

  patch(id: string, patch: (row: MemberRow) => Partial<MemberRow>): void {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...patch(row) } : row));
  }

  /** What is changed and not yet there. */
  pending(): readonly MemberRow[] {
    return this.rows.filter(({ status }) => status === 'pending');
  }

  settle(id: string, fate: Fate): void {
    const isNew = this.rows.find((row) => row.id === id)?.release === 2;
    if (fate === 'slow' && isNew) return;
    const bad = fate === 'bad' && isNew;
    this.patch(id, (row) => ({
      ...{ status: 'running', ready: true, applied_generation: row.generation },
      reason: bad
        ? { code: 'replacement_failed', message: 'it fell; the former container runs again' }
        : null,
    }));
  }

  run(fate: (id: string) => Fate = () => 'good'): string {
    for (let steps = 0; steps < 200; steps++) {
      const { end, due_at } = this.step();
      if (end !== undefined) return end.state;
      for (const { id } of this.pending()) this.settle(id, fate(id));
      this.now = Math.max(this.now + 100, due_at !== null && this.pending().length > 0 ? due_at : 0);
    }
    return 'endless';
  }
}

function aRow(id: string, release: number, spec_hash: string): MemberRow {
  return {
    ...{ id, service: id, replica: null, release, spec_hash, generation: 1, applied_generation: 1 },
    ...{ desired_state: 'running', status: 'running', ready: true, exit_code: null, reason: null },
    ...{ failures: 0, next_attempt_at: null, restart_count: 0, runs_once: false },
  };
}

const releases = (world: World): unknown[] => world.rows.map(({ release }) => release);

describe('a rolling deployment', () => {
  test('moves one after the other, each only when the one before is proven', () => {
    const world = new World({ web: service(1) }, { web: service(2) });
    expect(world.step().changes.map(({ type }) => type)).toEqual(['replace']);
    expect(world.step().changes).toEqual([]);
    world.settle('web#1', 'good');
    expect(world.step().changes.map((change) => 'id' in change && change.id)).toEqual(['web#2']);
    world.settle('web#2', 'good');
    expect(world.step().end).toEqual({ state: 'succeeded' });
    expect(releases(world)).toEqual([2, 2]);
  });

  test('moves so many at a time as is said, and waits between', () => {
    const world = new World(
      { web: service(1, { replicas: 4 }) },
      { web: service(2, { replicas: 4 }) },
      { parallelism: 2, delay: 10 },
    );
    expect(world.step().changes).toHaveLength(2);
    for (const { id } of world.pending()) world.settle(id, 'good');
    world.now = 1000;
    const resting = world.step();
    expect([resting.changes, resting.due_at]).toEqual([[], 11_000]);
    world.now = 11_000;
    expect(world.step().changes).toHaveLength(2);
  });

  test('leaves alone what is as it should be, and learns the release’s number there', () => {
    const db = service(1, { name: 'g-db', replicas: null });
    const world = new World({ web: service(1), db }, { web: service(2), db });
    expect(world.run()).toBe('succeeded');
    expect(world.log).toEqual(['replace web#1', 'replace web#2']);
    expect(releases(world)).toEqual([2, 2, 2]);
  });

  test('makes anew what it is told to, though it is as it should be', () => {
    const world = new World({ web: service(1) }, { web: service(1) }, {}, ['web']);
    expect(world.run()).toBe('succeeded');
    expect(world.log).toEqual(['replace web#1', 'replace web#2']);
  });

  test('brings what others need first', () => {
    const of = (version: number): Services => ({
      web: service(version, { replicas: null, spec: { image: `web:${version}`, depends_on: { db: {} } } }),
      db: service(version, { name: 'g-db', replicas: null, spec: { image: `db:${version}` } }),
    });
    const world = new World(of(1), of(2));
    expect(world.run()).toBe('succeeded');
    expect(world.log).toEqual(['replace db', 'replace web']);
  });

  test('recreate moves all of a service at once', () => {
    const world = new World({ web: service(1) }, { web: service(2) }, { strategy: 'recreate' });
    expect(world.step().changes).toHaveLength(2);
  });
});

describe('a member that fails', () => {
  test('takes all back, those that were proven too, and leaves the others where they were', () => {
    const world = new World({ web: service(1, { replicas: 3 }) }, { web: service(2, { replicas: 3 }) });
    expect(world.run((id) => (id === 'web#2' ? 'bad' : 'good'))).toBe('rolled_back');
    expect(world.log).toEqual(['replace web#1', 'replace web#2', 'replace web#1', 'replace web#2']);
    expect(releases(world)).toEqual([1, 1, 1]);
    expect(world.rows.map(({ spec_hash }) => spec_hash)).toEqual(
      slotsOf(world.from).map(({ spec_hash }) => spec_hash),
    );
  });

  test('is borne while they are no more than the ratio', () => {
    const world = new World(
      { web: service(1, { replicas: 4 }) },
      { web: service(2, { replicas: 4 }) },
      { max_failure_ratio: 0.25 },
    );
    expect(world.run((id) => (id === 'web#2' ? 'bad' : 'good'))).toBe('succeeded');
  });

  test('pauses it where that is said, and changes nothing more', () => {
    const world = new World({ web: service(1) }, { web: service(2) }, { failure_action: 'pause' });
    expect(world.run(() => 'bad')).toBe('paused');
    expect(world.log).toEqual(['replace web#1']);
    expect(world.last?.reason?.message).toMatch(/^web#1: it fell/);
  });

  test('is told at the end where it goes on', () => {
    const world = new World({ web: service(1) }, { web: service(2) }, { failure_action: 'continue' });
    expect(world.run((id) => (id === 'web#1' ? 'bad' : 'good'))).toBe('failed');
    expect(world.log).toEqual(['replace web#1', 'replace web#2']);
  });

  test('that says nothing has failed when its time is over', () => {
    const world = new World({ web: service(1) }, { web: service(2) }, { timeout: 10, drain: 0 });
    expect(world.run((id) => (id === 'web#1' ? 'slow' : 'good'))).toBe('rolled_back');
    expect(world.now).toBeGreaterThanOrEqual(15_000);
  });
});

describe('scaling', () => {
  test('adds and removes the highest numbers, and touches no other', () => {
    const up = new World({ web: service(1) }, { web: service(1, { replicas: 4 }) });
    expect(up.run()).toBe('succeeded');
    expect(up.log).toEqual(['insert web#3', 'insert web#4']);
    const down = new World({ web: service(1, { replicas: 3 }) }, { web: service(1, { replicas: 1 }) });
    expect(down.run()).toBe('succeeded');
    expect(down.log).toEqual(['remove web#2', 'remove web#3']);
  });

  test('what was added by a deployment that fails goes again', () => {
    const world = new World({ web: service(1) }, { web: service(2, { replicas: 3 }) });
    expect(world.run((id) => (id === 'web#2' ? 'bad' : 'good'))).toBe('rolled_back');
    expect(world.rows.map(({ id }) => id).toSorted()).toEqual(['web#1', 'web#2']);
  });
});

test('whatever becomes of whom, and whenever it is broken off and gone on with, it ends in one of the two releases, whole', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = randomOf(seed);
    const replicas = 1 + Math.floor(random() * 4);
    const parallelism = Math.floor(random() * 3);
    const of = (version: number, count: number): Services => ({
      web: service(version, { replicas: count, spec: { image: `web:${version}`, depends_on: { db: {} } } }),
      db: service(version, { name: 'g-db', replicas: null, spec: { image: `db:${version}` } }),
    });
    const world = new World(of(1, replicas), of(2, 1 + Math.floor(random() * 4)), { parallelism });
    const state = world.run(() => (random() < 0.2 ? 'bad' : random() < 0.3 ? 'slow' : 'good'));
    const goal = state === 'succeeded' ? world.to : world.from;
    expect(['succeeded', 'rolled_back'], `seed ${seed}`).toContain(state);
    const wanted = slotsOf(goal).map(({ key, spec_hash }) => `${key} ${spec_hash}`);
    expect(world.rows.map((row) => `${slotKey(row)} ${row.spec_hash}`).toSorted(), `seed ${seed}`).toEqual(
      wanted.toSorted(),
    );
  }
});

/** Numbers that come again with their seed. */
function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e37_79b9) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}
