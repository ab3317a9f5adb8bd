import type { ContainerSpec } from '../../contracts/container-spec.ts';
import { ContractError } from '../../contracts/contract-error.ts';
import type { Status } from '../../contracts/events.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { type Identity, LABEL } from '../../src/engine/labels.ts';
import type { Desired } from '../../src/plan/desired.ts';
import { objectOf } from '../../src/plan/format-plan.ts';
import type { ObservedContainer } from '../../src/plan/observed.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import type { Outcome, Surroundings } from '../../src/reconcile/surroundings.ts';
import { aDesired } from './plan-builders.ts';

export interface Told {
  readonly outcome: Outcome;
  /** `stop_container cache.berth-old` … as they were done. */
  readonly steps: readonly string[];
  readonly phases: readonly Status[];
  /** What followers were told, between which steps. */
  readonly hooks: readonly string[];
}

/** Reconciling by an identity of its own, without a store. What it makes is removed at the end. */
export interface Reconciler extends AsyncDisposable {
  readonly identity: Identity;
  /** What a row `short` wants; names are this reconciler’s own. */
  wants(short: string, spec: ContainerSpec, given?: Partial<Desired>): Desired;
  name(short: string): string;
  run(
    desired: Desired,
    given?: Partial<Surroundings> & { readonly engine_id?: string | null },
  ): Promise<Told>;
  /** The container that is there under the row’s name. */
  seen(desired: Desired): Promise<ObservedContainer | undefined>;
}

export function aReconciler(engine: Engine, file: string): Reconciler {
  const identity: Identity = { instance: file, key: Buffer.alloc(32, file) };
  const name = (short: string): string => `${file}_${short}`;
  const clean = async (): Promise<void> => {
    const labels = { [LABEL.instance]: file };
    for (const { id } of await engine.containers.list({ labels }))
      await engine.containers.remove(id, { force: true, anonymous_volumes: true });
    for (const { id } of await engine.networks.list({ labels })) await engine.networks.remove(id);
    for (const volume of await engine.volumes.list({ labels })) await engine.volumes.remove(volume.name);
  };
  return {
    identity,
    name,
    wants: (short, spec, given = {}) =>
      aDesired({
        id: `${file}:${short}`,
        name: name(short),
        spec: { image: 'busybox:latest', command: 'sleep 600', stop_timeout: 0, ...spec },
        ...given,
      }),
    run: async (desired, { engine_id = null, ...given } = {}) => {
      const steps: string[] = [];
      const phases: Status[] = [];
      const hooks: string[] = [];
      const outcome = await reconcile(
        desired,
        { engine_id },
        {
          engine,
          identity,
          signal: new AbortController().signal,
          now: () => Date.now(),
          remember: () => true,
          holds: () => true,
          settingsOf: () => undefined,
          entering: (status) => {
            phases.push(status);
            return true;
          },
          build: async () => {
            throw new ContractError('unsupported', 'nothing is built here');
          },
          pull: async ({ image }, onProgress, signal) => {
            await engine.images.pull(image, { onProgress }, signal);
          },
          onProgress: () => undefined,
          beforeStart: async ({ id }) => {
            hooks.push(`${steps.length} start ${id}`);
          },
          beforeRemove: async (id) => {
            hooks.push(`${steps.length} remove ${id}`);
          },
          isNetworkWanted: () => false,
          onStep: (action) => steps.push(`${action.type} ${objectOf(action)}`.replaceAll(`${file}_`, '')),
          onWarnings: () => undefined,
          ...given,
        },
      );
      return { outcome, steps, phases, hooks };
    },
    seen: (desired) => engine.containers.inspect(desired.name),
    [Symbol.asyncDispose]: clean,
  };
}
