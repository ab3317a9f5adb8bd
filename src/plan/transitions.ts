import { STATUSES, type Status } from '../../contracts/events.ts';

/** What the engine may show at any moment, whatever we were doing: facts are never refused. */
const SEEN: readonly Status[] = [
  'running',
  'restarting',
  'paused',
  'stopping',
  'stopped',
  'failed',
  'removed',
];
/** What we do, one after the other; a surprise (it vanished, its image too) begins again at any of them. */
const WORK: readonly Status[] = ['pulling', 'creating', 'starting'];

/**
 * Which status may follow which within a generation. What we do moves forward; what we observe (restarts by the engine,
 * unpause, an end) may move back. `pending` is reached by a change of mind, which the store writes past this table, and
 * from where a try may start over without having touched anything that rests or runs. `removed` is final.
 */
const NEXT: { readonly [S in Status]: readonly Status[] } = {
  pending: ['waiting', ...WORK, ...SEEN],
  waiting: ['pending', ...WORK, ...SEEN],
  pulling: ['pending', 'waiting', ...WORK, ...SEEN],
  creating: ['pending', 'waiting', ...WORK, ...SEEN],
  starting: ['pending', 'waiting', ...WORK, ...SEEN],
  running: ['waiting', ...WORK, ...SEEN],
  restarting: ['waiting', ...WORK, ...SEEN],
  paused: ['waiting', ...WORK, ...SEEN],
  stopping: ['waiting', ...WORK, ...SEEN],
  stopped: ['waiting', ...WORK, ...SEEN],
  failed: ['pending', 'waiting', ...WORK, ...SEEN],
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
