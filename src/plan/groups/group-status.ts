import type { Role } from '../../../contracts/container-fields/convergence.ts';
import type { Status } from '../../../contracts/events.ts';

/** Best first: a group is as its worst member is. */
const FROM_BEST: readonly Status[] = [
  'running',
  'paused',
  'starting',
  'creating',
  'pulling',
  'pending',
  'waiting',
  'stopping',
  'stopped',
  'restarting',
  'failed',
];

/** What of a member its group’s status asks. */
export interface StatusOfMember {
  readonly role: Role;
  readonly status: Status;
  readonly exit_code: number | null;
  readonly ready: boolean;
  readonly wanted: 'running' | 'created' | 'stopped' | 'removed';
}

/**
 * The worst of its members’. What was to run once and has ended with 0 does not count; of one that was to run on, an end
 * with 0 is `stopped`. A group without members is `removed`.
 */
export function groupStatus(members: readonly StatusOfMember[]): {
  readonly status: Status;
  readonly ready: boolean;
} {
  const counted = members.filter((member) => !isDone(member));
  const worst = counted.reduce<Status>(
    (before, { status }) => (rank(status) > rank(before) ? status : before),
    'running',
  );
  const serving = members.filter(({ role }) => role === 'main' || role === 'sidecar');
  const status = members.length === 0 ? 'removed' : counted.length === 0 ? 'stopped' : worst;
  return { status, ready: serving.length > 0 && serving.every(({ ready }) => ready) };
}

function isDone({ role, status, exit_code }: StatusOfMember): boolean {
  return (role === 'init' || role === 'job') && status === 'stopped' && exit_code === 0;
}

function rank(status: Status): number {
  return FROM_BEST.indexOf(status);
}
