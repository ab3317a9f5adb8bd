import { isContractError } from '../../contracts/contract-error.ts';
import type { ActionOf, AheadAction, AheadStep } from '../plan/actions.ts';
import { objectOf } from '../plan/format-plan.ts';
import { PullElsewhere } from '../reconcile/surroundings.ts';
import type { ContainerRow } from '../store/container-row.ts';
import { type BuildLine, type BuildTelling, buildWanted } from './builds/build-wanted.ts';
import { untilAborted } from './until-aborted.ts';
import type { WorkerParts } from './worker-parts.ts';

/** What is needed now has the line almost to itself. */
const AT_ONCE = 3;
/** What a build has written is kept so far until its row is looked at. */
const MOST_LINES = 5000;

/** Those that failed are known, so that they are not tried again and again; what is known of more rows than this is forgotten. */
const MOST_KNOWN = 1000;

type WantedBuild = Omit<ActionOf<'build_image'>, 'type'>;

/** Brings the images of rows that wait for others, so that these start at once when they may. What fails is tried again when it is needed. */
export interface Ahead {
  /** Once for what a row wants now, however often that is said. Never throws. */
  bring(row: Pick<ContainerRow, 'id' | 'name' | 'generation'>, step: AheadStep): void;
  /** The build for that row that goes on, with all that it has written: its end, or undefined when there is none. Rejects as it fails, and with the signal’s reason. */
  join(
    id: string,
    wanted: WantedBuild,
    telling: BuildTelling,
    signal: AbortSignal,
  ): Promise<void> | undefined;
  /** What a build for that row wrote that is over; once. */
  takeLines(id: string): readonly BuildLine[];
  /** It is not to run: what is brought for it alone is given up. */
  leave(id: string): void;
  /** It needs nothing brought now. A build that the engine has ended already comes to its end here, too, and what it wrote is kept until it is taken. */
  settle(id: string): void;
  /** Gives up all of it; resolves when that has ended. */
  stopAll(): Promise<void>;
}

interface Errand {
  readonly what: string;
  readonly ending: AbortController;
  lines: BuildLine[];
  /** Who waits for a build that goes on. */
  telling?: BuildTelling;
  /** A build that goes on. */
  building?: { readonly hash: string | undefined; readonly done: Promise<void> };
}

/** `onWritten` is told of a row whose build is over and has written something. */
export function ahead({
  pulls,
  engine,
  log,
  onWritten,
}: Pick<WorkerParts, 'pulls' | 'engine' | 'log'> & { readonly onWritten: (id: string) => void }): Ahead {
  const errands = new Map<string, Errand>();
  const running = new Set<Promise<void>>();
  const queue: (() => Promise<void>)[] = [];

  const next = (): void => {
    const work = running.size < AT_ONCE ? queue.shift() : undefined;
    if (work === undefined) return;
    const one = work().finally(() => {
      running.delete(one);
      next();
    });
    running.add(one);
  };

  const leave = (id: string): void => {
    errands.get(id)?.ending.abort();
    errands.delete(id);
  };

  const build = async ({ type: _, ...wanted }: ActionOf<'build_image'>, errand: Errand): Promise<void> => {
    const collecting: BuildTelling = {
      onProgress: (progress) => errand.telling?.onProgress(progress),
      onLines: async (lines) => {
        if (errand.telling !== undefined) return errand.telling.onLines(lines);
        errand.lines = [...errand.lines, ...lines].slice(-MOST_LINES);
      },
    };
    const done = buildWanted(wanted, engine, collecting, errand.ending.signal);
    errand.building = { hash: wanted.build.hash, done };
    try {
      await done;
    } finally {
      delete errand.building;
    }
  };

  const fetch = async (action: AheadAction, errand: Errand): Promise<void> => {
    if (action.type === 'build_image') return build(action, errand);
    return pulls.pull(action, () => undefined, errand.ending.signal);
  };

  return {
    bring: ({ id, name, generation }, { action, cause }) => {
      const text = `${action.type} ${objectOf(action)} (${cause})`;
      const what = `${generation} ${text}`;
      if (errands.get(id)?.what === what) return;
      leave(id);
      for (const oldest of [...errands.keys()].slice(0, Math.max(0, errands.size - MOST_KNOWN)))
        leave(oldest);
      const errand: Errand = { what, ending: new AbortController(), lines: [] };
      const { signal } = errand.ending;
      errands.set(id, errand);
      queue.push(async () => {
        if (signal.aborted) return;
        log.info({ container: id, cause }, `${text}, while ${name} waits`);
        try {
          await fetch(action, errand).finally(() => {
            if (errand.lines.length > 0 && !signal.aborted) onWritten(id);
          });
          // Its row may be another worker’s by now.
          if (errand.lines.length === 0 && errands.get(id) === errand) errands.delete(id);
        } catch (error) {
          // Who waits for it hears of it there.
          if (signal.aborted || error instanceof PullElsewhere || errand.telling !== undefined) return;
          const said = isContractError(error) ? error.message : String(error);
          log.warn({ container: id, error }, `${name} waits, and its image could not be brought: ${said}`);
        }
      });
      next();
    },
    join: (id, { build: wanted }, telling, signal) => {
      const errand = errands.get(id);
      if (errand?.building === undefined || errand.building.hash !== wanted.hash) return undefined;
      const { done } = errand.building;
      const { lines } = errand;
      Object.assign(errand, { telling, lines: [] });
      return (async () => {
        await telling.onLines(lines);
        if ((await untilAborted(done, signal)) === 'aborted') throw signal.reason;
      })();
    },
    takeLines: (id) => {
      const errand = errands.get(id);
      if (errand === undefined || errand.building !== undefined) return [];
      const { lines } = errand;
      errand.lines = [];
      return lines;
    },
    leave,
    settle: (id) => {
      const errand = errands.get(id);
      if (errand?.building === undefined && (errand?.lines.length ?? 0) === 0) leave(id);
    },
    stopAll: async () => {
      for (const id of [...errands.keys()]) leave(id);
      await Promise.all(running);
    },
  };
}
