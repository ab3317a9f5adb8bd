import { STATUSES, type Status } from '../../contracts/events.ts';

/**
 * Which status may follow which within a generation. What we do moves forward; what we observe (restarts by the engine,
 * unpause) may move back. `pending` is reached by a change of mind alone, which is always allowed, and by a try that starts over.
 */
const NEXT: { readonly [S in Status]: readonly Status[] } = {
  pending: [
    'waiting',
    'pulling',
    'creating',
    'starting',
    'running',
    'restarting',
    'paused',
    'stopping',
    'stopped',
    'failed',
    'removed',
  ],
  waiting: [
    'pending',
    'pulling',
    'creating',
    'starting',
    'running',
    'restarting',
    'paused',
    'stopping',
    'stopped',
    'failed',
    'removed',
  ],
  pulling: [
    'pending',
    'waiting',
    'creating',
    'starting',
    'running',
    'stopping',
    'stopped',
    'failed',
    'removed',
  ],
  creating: [
    'pending',
    'waiting',
    'pulling',
    'starting',
    'running',
    'restarting',
    'paused',
    'stopping',
    'stopped',
    'failed',
    'removed',
  ],
  starting: [
    'pending',
    'waiting',
    'pulling',
    'creating',
    'running',
    'restarting',
    'paused',
    'stopping',
    'stopped',
    'failed',
    'removed',
  ],
  running: [
    'pulling',
    'creating',
    'starting',
    'restarting',
    'paused',
    'stopping',
    'stopped',
    'failed',
    'removed',
  ],
  restarting: [
    'pulling',
    'creating',
    'starting',
    'running',
    'paused',
    'stopping',
    'stopped',
    'failed',
    'removed',
  ],
  paused: ['creating', 'starting', 'running', 'restarting', 'stopping', 'stopped', 'failed', 'removed'],
  stopping: ['pulling', 'creating', 'starting', 'running', 'restarting', 'stopped', 'failed', 'removed'],
  stopped: [
    'waiting',
    'pulling',
    'creating',
    'starting',
    'running',
    'restarting',
    'paused',
    'stopping',
    'failed',
    'removed',
  ],
  failed: [
    'pending',
    'waiting',
    'pulling',
    'creating',
    'starting',
    'running',
    'restarting',
    'paused',
    'stopping',
    'stopped',
    'removed',
  ],
  removed: [],
};

/** Whether the status may move so within a generation; staying is always allowed. */
export function canMove(from: Status, to: Status): boolean {
  return from === to || NEXT[from].includes(to);
}

/** Every status from which `to` may be reached, itself included. */
export function allowedFrom(to: Status): readonly Status[] {
  return STATUSES.filter((from) => canMove(from, to));
}
