import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Action, Step } from './actions.ts';
import type { Desired } from './desired.ts';
import { imageOf, mentionedNetworks, mentionedVolumes } from './mentioned.ts';
import type { EngineState, Observed, ObservedContainer } from './observed.ts';
import { restartPolicyOf } from './restart-policy.ts';

const UP: ReadonlySet<EngineState> = new Set(['running', 'paused', 'restarting']);

/** Whether it has a process, or is about to have one again. */
export function isUp(seen: ObservedContainer): boolean {
  return UP.has(seen.state);
}

/** One action and why. */
export function step(action: Action, cause: string): Step {
  return { action, cause };
}

/** Image, networks and volumes that are not there yet: before anything stops. */
export function groundwork({ spec }: Desired, observed: Observed): readonly Step[] {
  return [
    ...(observed.image === undefined
      ? [step({ type: 'pull_image', image: imageOf(spec) }, 'image absent')]
      : []),
    ...mentionedNetworks(spec)
      .filter((network) => !observed.networks.has(network))
      .map((network) => step({ type: 'create_network', network }, 'network absent')),
    ...mentionedVolumes(spec)
      .filter((volume) => !observed.volumes.has(volume))
      .map((volume) => step({ type: 'create_volume', volume }, 'volume absent')),
  ];
}

/** The new container, on the anonymous volumes of the one that it replaces. */
export function createStep(desired: Desired, cause: string, former: ObservedContainer | undefined): Step {
  const { name, spec, declared, aliases, recreate_hash } = desired;
  const restart_policy = restartPolicyOf(spec, declared);
  const keep_volumes = keptVolumes(spec, former);
  return step(
    { type: 'create_container', name, spec, restart_policy, recreate_hash, aliases, keep_volumes },
    cause,
  );
}

/** Nothing when it has no process. */
export function stopIfUp(desired: Desired, seen: ObservedContainer, cause: string): readonly Step[] {
  if (!isUp(seen)) return [];
  const timeout = desired.stop_timeout ?? desired.spec.stop_timeout;
  const { name, id: engine_id } = seen;
  return [
    step({ type: 'stop_container', name, engine_id, ...(timeout !== undefined && { timeout }) }, cause),
  ];
}

export function renameStep({ name, id }: ObservedContainer, to: string, cause: string): Step {
  return step({ type: 'rename_container', name, engine_id: id, to }, cause);
}

/** Gone, while its anonymous volumes live on in the container that replaces it. */
export function removeKeepingVolumes({ name, id }: ObservedContainer, cause: string): Step {
  return step({ type: 'remove_container', name, engine_id: id, anonymous_volumes: false }, cause);
}

export function removeWithVolumes({ name, id }: ObservedContainer, cause: string): Step {
  return step({ type: 'remove_container', name, engine_id: id, anonymous_volumes: true }, cause);
}

/** Anonymous volumes of a container by path inside, but for paths where the spec now mounts something else. */
function keptVolumes(
  spec: ContainerSpec,
  former: ObservedContainer | undefined,
): Readonly<Record<string, string>> {
  const taken = new Set((spec.volumes ?? []).map(({ container }) => container));
  const kept = (former?.mounts ?? []).filter(
    ({ anonymous, container }) => anonymous && !taken.has(container),
  );
  return Object.fromEntries(kept.map(({ container, source }) => [container, source]));
}
