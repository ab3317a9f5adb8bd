import type { ContainerBuild } from '../../contracts/container-fields/build-source.ts';
import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Action, Step } from './actions.ts';
import { BUILD_LABEL } from './build-label.ts';
import type { Desired } from './desired.ts';
import { isForPlatform } from './is-for-platform.ts';
import { imageOf, lenders, mentionedNetworks, mentionedVolumes, mountedPaths } from './mentioned.ts';
import type { EngineState, Observed, ObservedContainer } from './observed.ts';
import { restartPolicyOf } from './restart-policy.ts';

const UP: ReadonlySet<EngineState> = new Set(['running', 'paused', 'restarting']);

/** Why an image that is there is pulled before each start. */
export const ASKED_AGAIN = 'pull_policy: always';

/** Whether it has a process, or is about to have one again. */
export function isUp(seen: ObservedContainer): boolean {
  return UP.has(seen.state);
}

/** Where the former container waits while its replacement is made and started. */
export function asideName(name: string): string {
  return `${name}.berth-old`;
}

/** One action and why. */
export function step(action: Action, cause: string): Step {
  return { action, cause };
}

/** Image, networks and volumes that are not there yet: before anything stops. */
export function groundwork({ spec }: Desired, observed: Observed): readonly Step[] {
  const build = buildCause(spec, observed);
  const pull = pullCause(spec, observed);
  const { platform } = spec;
  const made = { image: imageOf(spec), ...(platform && { platform }) };
  return [
    ...(build === undefined ? [] : [step({ type: 'build_image', ...made, build: build.build }, build.cause)]),
    ...(pull === undefined ? [] : [step({ type: 'pull_image', ...made }, pull)]),
    ...mentionedNetworks(spec)
      .filter((network) => !observed.networks.has(network))
      .map((network) => step({ type: 'create_network', network }, 'network absent')),
    ...mentionedVolumes(spec)
      .filter((volume) => !observed.volumes.has(volume))
      .map((volume) => step({ type: 'create_volume', volume }, 'volume absent')),
  ];
}

/** Why its image must be built; undefined when it is pulled, or was built from just this. */
function buildCause(
  { build }: ContainerSpec,
  { image }: Observed,
): { readonly build: ContainerBuild; readonly cause: string } | undefined {
  if (build === undefined) return undefined;
  if (image === undefined) return { build, cause: 'image absent' };
  return image.labels[BUILD_LABEL] === build.hash ? undefined : { build, cause: 'built from something else' };
}

/** Why its image must be pulled; undefined when what is there will do, or has to. */
function pullCause({ platform, pull_policy, build }: ContainerSpec, { image }: Observed): string | undefined {
  if (pull_policy === 'never' || build !== undefined) return undefined;
  if (image === undefined) return 'image absent';
  if (pull_policy === 'always') return ASKED_AGAIN;
  return platform === undefined || isForPlatform(image, platform)
    ? undefined
    : `image is not for ${platform}`;
}

/** The new container, on the anonymous volumes of the one that it replaces. */
export function createStep(
  desired: Desired,
  cause: string,
  former: ObservedContainer | undefined,
  { peers }: Pick<Observed, 'peers'>,
): Step {
  const { name, spec, declared, aliases, member, recreate_hash } = desired;
  const restart_policy = restartPolicyOf(spec, declared);
  const keep_volumes = keptVolumes(spec, former, lentPaths(spec, peers));
  const request = { name, spec, restart_policy, recreate_hash, aliases, keep_volumes };
  return step({ type: 'create_container', ...request, ...(member && { member }) }, cause);
}

/** What its spec puts into it. A container that was made, but never started, may have got it or not: it gets it again. */
export function filesStep({ name, spec: { files = [] } }: Desired, cause: string): readonly Step[] {
  return files.length === 0 ? [] : [step({ type: 'put_files', name, files }, cause)];
}

/** Volumes that belong to somebody: before anybody uses them. */
export function volumeSteps({ name, spec }: Desired, cause: string): readonly Step[] {
  const { volumes = [], read_only, image, platform } = spec;
  return volumes.flatMap((mount) => {
    const { container: path, owner, permissions } = mount;
    if (owner === undefined && permissions === undefined) return [];
    const through = { ...(image && { image }), ...(platform && { platform }), volumes: [mount] };
    const action = {
      ...({ type: 'prepare_volume', name, path } as const),
      ...(owner !== undefined && { owner }),
      ...(permissions !== undefined && { permissions }),
      ...(read_only === true && { through }),
    };
    return [step(action, cause)];
  });
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

/** It ends beside another one of the row, which is what that shows. It is given the time that it was made with. */
export function stopQuietly(desired: Desired, seen: ObservedContainer, cause: string): readonly Step[] {
  if (!isUp(seen)) return [];
  const { stop_timeout: timeout } = desired;
  const { name, id: engine_id } = seen;
  return [
    step(
      {
        type: 'stop_container',
        name,
        engine_id,
        quiet: true,
        ...(timeout !== undefined && { timeout }),
      },
      cause,
    ),
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

/** Paths at which it has what the containers have there whose volumes it has. */
function lentPaths(spec: ContainerSpec, peers: Observed['peers']): readonly string[] {
  return lenders(spec).flatMap((name) =>
    (peers?.get(name)?.seen.mounts ?? []).map(({ container }) => container),
  );
}

/** Anonymous volumes of a container by path inside, but for paths where the spec now mounts something else. */
function keptVolumes(
  spec: ContainerSpec,
  former: ObservedContainer | undefined,
  lent: readonly string[],
): Readonly<Record<string, string>> {
  const taken = new Set([...mountedPaths(spec), ...lent]);
  const kept = (former?.mounts ?? []).filter(
    ({ anonymous, container }) => anonymous && !taken.has(container),
  );
  return Object.fromEntries(kept.map(({ container, source }) => [container, source]));
}
