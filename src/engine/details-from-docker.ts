import type { ContainerInspectInfo } from 'dockerode';
import type { EngineDetails } from '../../contracts/container-methods/inspection.ts';
import { observedContainer } from './from-docker.ts';

/** All of an inspect that a person would ask for, in our words. */
export function detailsOf(info: ContainerInspectInfo): EngineDetails {
  const {
    networks,
    mounts,
    ports: _ports,
    settings: _settings,
    open_stdin,
    health,
    ...seen
  } = observedContainer(info);
  const { State: state, Config: config } = info;
  const sizes = info as { readonly SizeRw?: number; readonly SizeRootFs?: number };
  return {
    ...seen,
    ...(state.Pid > 0 && { pid: state.Pid }),
    ...(state.Health !== undefined && health !== 'none' && { health: healthOf(state.Health, health) }),
    command: [info.Path, ...info.Args].filter((word) => word !== ''),
    work_dir: config.WorkingDir,
    user: config.User,
    hostname: config.Hostname,
    env: Object.fromEntries((config.Env ?? []).map(variable)),
    networks: networks.map(({ network, network_id, ip, aliases }) => {
      const endpoint = info.NetworkSettings.Networks[network];
      return {
        name: network,
        id: network_id,
        ...(ip !== undefined && { ip }),
        ...(endpoint?.Gateway && { gateway: endpoint.Gateway }),
        ...(endpoint?.MacAddress && { mac_address: endpoint.MacAddress }),
        aliases: [...aliases],
      };
    }),
    mounts: mounts.map((mount) => ({ ...mount })),
    labels: { ...seen.labels },
    interactive: open_stdin,
    stdin_once: config.StdinOnce,
    ...(sizes.SizeRw !== undefined && { size_written: sizes.SizeRw }),
    ...(sizes.SizeRootFs !== undefined && { size_total: sizes.SizeRootFs }),
  };
}

function healthOf(
  seen: NonNullable<ContainerInspectInfo['State']['Health']>,
  status: NonNullable<EngineDetails['health']>['status'],
): NonNullable<EngineDetails['health']> {
  return {
    status,
    failing_streak: seen.FailingStreak ?? 0,
    log: (seen.Log ?? []).map(({ Start, End, ExitCode, Output }) => ({
      started_at: Start,
      finished_at: End,
      exit_code: ExitCode,
      output: Output,
    })),
  };
}

function variable(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
