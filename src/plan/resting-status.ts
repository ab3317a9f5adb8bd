import type { Health, Status, StatusReason } from '../../contracts/events.ts';
import type { DesiredState } from './desired.ts';
import type { ObservedContainer } from './observed.ts';
import { parseRestartPolicy } from './restart-policy.ts';

/** What an observed container amounts to, in our words. */
export interface Verdict {
  readonly status: Status;
  readonly health: Health;
  readonly exit_code: number | null;
  readonly reason: StatusReason | null;
  /** Ran to an end that its policy allows: a result, not to be started again. */
  readonly completed: boolean;
  /** Neither the engine nor Berth will start it again: the stream of this run ends with `done`. */
  readonly resting: boolean;
}

/** Judge what the engine shows, given what is wanted; the restart policy in force is the container’s own. `running` only when the engine says so. */
export function restingStatus(seen: ObservedContainer, wanted: DesiredState): Verdict {
  const up = { health: seen.health, exit_code: null, reason: null, completed: false, resting: false };
  switch (seen.state) {
    case 'running':
      return { ...up, status: 'running' };
    case 'paused':
      return {
        ...up,
        status: 'paused',
        reason: { code: 'paused', message: `held by a pause until \`berth unpause ${seen.name}\`` },
      };
    case 'restarting':
      return {
        ...up,
        status: 'restarting',
        reason: {
          code: 'restarting',
          message: `restarted by the engine ${seen.restart_count === 1 ? 'once' : `${seen.restart_count} times`}`,
        },
      };
    case 'created':
      return neverStarted(seen, wanted);
    case 'removing':
      return { ...up, health: 'none', status: 'stopping' };
    case 'dead':
      return {
        ...up,
        health: 'none',
        exit_code: seen.exit_code ?? null,
        resting: wanted !== 'running',
        status: 'failed',
        reason: { code: 'dead', message: 'the engine could not remove it cleanly' },
      };
    case 'exited':
      return exited(seen, wanted);
  }
}

/** Made, but not started, or its start failed. */
function neverStarted(seen: ObservedContainer, wanted: DesiredState): Verdict {
  const rest = { health: 'none' as const, exit_code: null, completed: false };
  if (wanted !== 'running') return { ...rest, status: 'stopped', reason: null, resting: true };
  return seen.error === undefined
    ? { ...rest, status: 'creating', reason: null, resting: false }
    : {
        ...rest,
        status: 'failed',
        reason: { code: 'start_failed', message: seen.error },
        resting: false,
      };
}

function exited(seen: ObservedContainer, wanted: DesiredState): Verdict {
  const code = seen.exit_code ?? 0;
  const rest = { health: 'none' as const, exit_code: code };
  if (wanted !== 'running')
    return { ...rest, status: 'stopped', reason: null, completed: false, resting: true };
  const completed = isAllowedEnd(seen, code);
  const ended = { ...rest, completed, resting: completed };
  return code === 0
    ? { ...ended, status: 'stopped', reason: null }
    : { ...ended, status: 'failed', reason: reasonOf(seen, code) };
}

/** Under `always` and `unless-stopped` no end is a result; under `on-failure` a failure is one when the restarts are used up. */
function isAllowedEnd(seen: ObservedContainer, code: number): boolean {
  const policy = parseRestartPolicy(seen.restart_policy);
  if (policy.name === 'no') return true;
  if (policy.name !== 'on-failure') return false;
  return code === 0 || (policy.max !== undefined && seen.restart_count >= policy.max);
}

function reasonOf(seen: ObservedContainer, code: number): StatusReason {
  if (seen.oom_killed)
    return { code: 'oom_killed', message: `killed for using more memory than its limit (exit code ${code})` };
  const policy = parseRestartPolicy(seen.restart_policy);
  const tries =
    policy.name === 'on-failure' && seen.restart_count > 0
      ? ` after ${seen.restart_count} ${seen.restart_count === 1 ? 'restart' : 'restarts'}`
      : '';
  return { code: 'exited', message: `exited with code ${code}${tries}` };
}
