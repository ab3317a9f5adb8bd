import type { ContainerSpec } from '../../contracts/container-spec.ts';
import type { Action, Plan, Step } from './actions.ts';
import type { Desired } from './desired.ts';
import { driftOf, limitsOf } from './drift.ts';
import { imageOf, mentionedNetworks, mentionedVolumes } from './mentioned.ts';
import type { EngineState, Observed, ObservedContainer } from './observed.ts';
import { restartPolicyOf } from './restart-policy.ts';
import { restingStatus } from './resting-status.ts';

const UP: ReadonlySet<EngineState> = new Set(['running', 'paused', 'restarting']);

/** Where the former container waits while its replacement starts. */
export function asideName(name: string): string {
  return `${name}.berth-old`;
}

/** Whether it has a process, or is about to have one again. */
export function isUp(seen: ObservedContainer): boolean {
  return UP.has(seen.state);
}

/** Decide the engine calls that take one container from what is observed to what is desired. */
export function planContainer(desired: Desired, observed: Observed): Plan {
  if (desired.state === 'removed') return { kind: 'steps', steps: removal(desired, observed) };
  const refusal = refusalOf(desired, observed);
  if (refusal !== undefined) return { kind: 'refused', code: 'name_conflict', message: refusal };
  const current = observed.container?.seen;
  if (desired.state === 'stopped') return { kind: 'steps', steps: stopping(desired, current) };
  if (current === undefined)
    return {
      kind: 'steps',
      steps: [
        ...groundwork(desired, observed),
        ...making(desired, 'missing', observed.set_aside),
        ...asideRemoval(observed),
      ],
    };
  const drift = driftOf(desired, current, observed);
  if (drift.recreate !== undefined && !desired.held_back)
    return { kind: 'steps', steps: replacement(desired, observed, current, drift.recreate) };
  return { kind: 'steps', steps: refresh(desired, observed, current) };
}

/** What takes a failed replacement back: the new one goes, the former one gets its name again and starts. */
export function planRollback(desired: Desired, observed: Observed): readonly Step[] {
  const former = observed.set_aside;
  if (former === undefined) return [];
  const cause = 'the replacement did not start';
  const failed = observed.container?.ownership === 'ours' ? observed.container.seen : undefined;
  return [
    ...(failed === undefined
      ? []
      : [
          step(
            { type: 'remove_container', name: failed.name, engine_id: failed.id, anonymous_volumes: false },
            cause,
          ),
        ]),
    step({ type: 'rename_container', name: former.name, engine_id: former.id, to: desired.name }, cause),
    step({ type: 'start_container', name: desired.name }, cause),
  ];
}

function refusalOf(desired: Desired, observed: Observed): string | undefined {
  const { container, networks, volumes } = observed;
  if (container?.ownership === 'foreign')
    return `the name ${desired.name} is taken by container ${container.seen.id.slice(0, 12)}, which is not of this Berth`;
  for (const [name, network] of networks) {
    if (network.ownership === 'foreign')
      return `the network ${name} (${network.seen.id.slice(0, 12)}) is there already and not of this Berth`;
  }
  for (const [name, volume] of volumes) {
    if (volume.ownership === 'foreign') return `the volume ${name} is there already and not of this Berth`;
  }
  return undefined;
}

function removal(desired: Desired, observed: Observed): readonly Step[] {
  const cause = 'no longer desired';
  const current = observed.container?.ownership === 'ours' ? observed.container.seen : undefined;
  const ours = [current, observed.set_aside].filter((seen) => seen !== undefined);
  return [
    ...ours.filter(isUp).map((seen) => stop(desired, seen, cause)),
    ...ours.map((seen) =>
      step({ type: 'remove_container', name: seen.name, engine_id: seen.id, anonymous_volumes: true }, cause),
    ),
    ...[...observed.releasable].map((network) => step({ type: 'remove_network', network }, 'last user gone')),
  ];
}

function stopping(desired: Desired, current: ObservedContainer | undefined): readonly Step[] {
  return current !== undefined && isUp(current) ? [stop(desired, current, 'desired stopped')] : [];
}

function making(
  { name, spec, declared, aliases, recreate_hash, state }: Desired,
  cause: string,
  former: ObservedContainer | undefined,
): readonly Step[] {
  const keep_volumes = keptVolumes(spec, former);
  const restart_policy = restartPolicyOf(spec, declared);
  return [
    step(
      { type: 'create_container', name, spec, restart_policy, recreate_hash, aliases, keep_volumes },
      cause,
    ),
    ...(state === 'running' ? [step({ type: 'start_container', name }, cause)] : []),
  ];
}

/** Image, networks and volumes, before anything that stops. */
function groundwork({ spec }: Desired, observed: Observed): readonly Step[] {
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

function replacement(
  desired: Desired,
  observed: Observed,
  current: ObservedContainer,
  cause: string,
): readonly Step[] {
  // A container that was not up is no help if the new one fails: it goes first, and needs no place aside.
  const aside = isUp(current) && desired.state === 'running';
  const leftover =
    observed.set_aside === undefined
      ? []
      : [
          step(
            {
              type: 'remove_container',
              name: observed.set_aside.name,
              engine_id: observed.set_aside.id,
              anonymous_volumes: false,
            },
            'left over from a replacement',
          ),
        ];
  const away: readonly Step[] = aside
    ? [
        stop(desired, current, cause),
        ...leftover,
        step(
          {
            type: 'rename_container',
            name: current.name,
            engine_id: current.id,
            to: asideName(desired.name),
          },
          cause,
        ),
      ]
    : [...(isUp(current) ? [stop(desired, current, cause)] : []), ...leftover, removeOld(current, cause)];
  const unused = [...observed.releasable].filter(
    (network) => !mentionedNetworks(desired.spec).includes(network),
  );
  return [
    ...groundwork(desired, observed),
    ...away,
    ...making(desired, cause, current),
    ...(aside ? [removeOld({ ...current, name: asideName(desired.name) }, cause)] : []),
    ...unused.map((network) => step({ type: 'remove_network', network }, 'last user gone')),
  ];
}

function refresh(desired: Desired, observed: Observed, current: ObservedContainer): readonly Step[] {
  const drift = driftOf(desired, current, observed);
  const verdict = restingStatus(current, desired.state, restartPolicyOf(desired.spec, desired.declared));
  const start =
    desired.state === 'running' &&
    !isUp(current) &&
    current.state !== 'removing' &&
    !(desired.started && verdict.completed);
  return [
    ...(current.name === desired.name
      ? []
      : [
          step(
            { type: 'rename_container', name: current.name, engine_id: current.id, to: desired.name },
            'name changed',
          ),
        ]),
    ...(drift.limits === undefined
      ? []
      : [
          step(
            {
              type: 'update_container',
              name: desired.name,
              engine_id: current.id,
              limits: limitsOf(desired),
            },
            drift.limits.cause,
          ),
        ]),
    ...drift.reconnect.flatMap(({ network, connected, cause }) => [
      ...(observed.networks.has(network)
        ? []
        : [step({ type: 'create_network', network }, 'network absent')]),
      ...(connected
        ? [step({ type: 'disconnect_network', name: desired.name, engine_id: current.id, network }, cause)]
        : []),
      step(
        {
          type: 'connect_network',
          name: desired.name,
          engine_id: current.id,
          network,
          aliases: desired.aliases,
        },
        cause,
      ),
    ]),
    ...(start
      ? [
          step(
            { type: 'start_container', name: desired.name },
            current.state === 'created' ? 'not started yet' : 'meant to run',
          ),
        ]
      : []),
    ...asideRemoval(observed),
  ];
}

function asideRemoval({ set_aside }: Observed): readonly Step[] {
  return set_aside === undefined ? [] : [removeOld(set_aside, 'replaced')];
}

function stop(desired: Desired, seen: ObservedContainer, cause: string): Step {
  const timeout = desired.stop_timeout ?? desired.spec.stop_timeout;
  return step(
    {
      type: 'stop_container',
      name: seen.name,
      engine_id: seen.id,
      ...(timeout !== undefined && { timeout }),
    },
    cause,
  );
}

/** Its anonymous volumes live on in the container that replaces it. */
function removeOld(seen: ObservedContainer, cause: string): Step {
  return step(
    { type: 'remove_container', name: seen.name, engine_id: seen.id, anonymous_volumes: false },
    cause,
  );
}

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

function step(action: Action, cause: string): Step {
  return { action, cause };
}
