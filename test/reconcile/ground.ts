import { afterAll, beforeAll, expect } from 'vitest';
import type { Desired } from '../../src/plan/desired.ts';
import { aReconciler, type Reconciler } from '../support/a-reconciler.ts';
import type { EngineUnderTest } from '../support/an-engine-under-test.ts';

/** An engine and a reconciler on it, for the tests of one `describe`; both are cleaned up at its end. */
export interface Ground {
  readonly docker: EngineUnderTest;
  readonly berth: Reconciler;
  /** Brought to run, and what is there then. */
  up(desired: Desired): Promise<{ readonly id: string; readonly started_at: string | undefined }>;
}

export function ground(open: () => Promise<EngineUnderTest>, instance: string): Ground {
  let docker: EngineUnderTest | undefined;
  let berth: Reconciler | undefined;
  beforeAll(async () => {
    docker = await open();
    berth = aReconciler(docker.engine, instance);
    await berth[Symbol.asyncDispose]();
  });
  afterAll(async () => {
    await berth?.[Symbol.asyncDispose]();
    await docker?.[Symbol.asyncDispose]();
  });
  const opened = <T>(one: T | undefined): T => {
    if (one === undefined) throw new Error('the engine is opened before the first test');
    return one;
  };
  return {
    get docker() {
      return opened(docker);
    },
    get berth() {
      return opened(berth);
    },
    up: async (desired) => {
      const { outcome } = await opened(berth).run(desired);
      if (outcome.kind !== 'settled' || outcome.container === undefined)
        throw new Error(JSON.stringify(outcome));
      const { id, started_at, state } = outcome.container;
      expect(state).toBe('running');
      return { id, started_at };
    },
  };
}
