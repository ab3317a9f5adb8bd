import type { ErrorCode } from '../../../contracts/errors.ts';

/**
 * What a test tells a memory engine to do badly, and asks it about. A method is named by its room: `containers.create`. Over a
 * socket these are calls like all others, and answered also while the engine is unreachable.
 */
export interface Control {
  /** How often each method was called. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Names of the containers that were made, each time, in order. */
  made(): Promise<readonly string[]>;
  /** Changes of one container that began while another caller’s went on: two believed it to be theirs. */
  overlaps(): Promise<readonly string[]>;
  /** From now on a pull finds this image. */
  publish(ref: string): Promise<void>;
  /** Each call takes up to `ms` before it is carried out, and again before its caller knows. */
  slow(method: string, ms: number): Promise<void>;
  /** The next calls, `times` of them, fail with this code and do nothing. */
  fail(method: string, code: ErrorCode, times: number): Promise<void>;
  /** While true, every call and open stream fails as engine_unreachable. What had begun is carried out. */
  unreachable(is_so: boolean): Promise<void>;
  /** The next call that is about `name` (of a container, an image …) hangs before it is carried out, until `release`. */
  hold(method: string, name: string): Promise<void>;
  /** Resolves once the held call hangs. */
  held(): Promise<void>;
  release(): Promise<void>;
}
