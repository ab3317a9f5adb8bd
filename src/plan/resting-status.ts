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
  /** No restart is due: the stream of this run ends with `done`. */
  readonly resting: boolean;
}

/** Judge what the engine shows, given what is wanted and the restart policy in force. Pure; `running` only when the engine says so. */
export function restingStatus(seen: ObservedContainer, wanted: DesiredState, policyText: string): Verdict {
  const up = { health: seen.health, exit_code: null, reason: null, completed: false, resting: false };
  switch (seen.state) {
    case 'running':
      return { ...up, status: 'running' };
    case 'paused':
      return { ...up, status: 'paused' };
    case 'restarting':
      return {
        ...up,
        status: 'restarting',
        reason: { code: 'restarting', message: `restarted ${seen.restart_count} times by the engine` },
      };
    case 'created':
      return {
        ...up,
        health: 'none',
        status: wanted === 'created' ? 'stopped' : 'creating',
        resting: wanted === 'created',
        reason: seen.error ? { code: 'start_failed', message: seen.error } : null,
      };
    case 'removing':
      return { ...up, health: 'none', status: 'stopping' };
    case 'dead':
      return {
        ...exited(seen, wanted, policyText),
        status: 'failed',
        reason: { code: 'dead', message: 'the engine could not remove it cleanly' },
      };
    case 'exited':
      return exited(seen, wanted, policyText);
  }
}

function exited(seen: ObservedContainer, wanted: DesiredState, policyText: string): Verdict {
  const code = seen.exit_code ?? 0;
  const rest = { health: 'none' as const, exit_code: code, resting: true };
  if (wanted !== 'running') return { ...rest, status: 'stopped', reason: null, completed: false };
  const completed = isAllowedEnd(seen, policyText, code);
  if (code === 0) return { ...rest, status: 'stopped', reason: null, completed };
  return { ...rest, status: 'failed', reason: reasonOf(seen, code, policyText), completed };
}

/** Under `always` and `unless-stopped` no end is a result; under `on-failure` a failure is one when the restarts are used up. */
function isAllowedEnd(seen: ObservedContainer, policyText: string, code: number): boolean {
  const policy = parseRestartPolicy(policyText);
  if (policy.name === 'no') return true;
  if (policy.name !== 'on-failure') return false;
  return code === 0 || (policy.max !== undefined && seen.restart_count >= policy.max);
}

function reasonOf(seen: ObservedContainer, code: number, policyText: string): StatusReason {
  if (seen.oom_killed)
    return { code: 'oom_killed', message: `killed for using more memory than its limit (exit code ${code})` };
  const policy = parseRestartPolicy(policyText);
  const tries =
    policy.name === 'on-failure' && seen.restart_count > 0 ? ` after ${seen.restart_count} restarts` : '';
  return { code: 'exited', message: `exited with code ${code}${tries}` };
}
