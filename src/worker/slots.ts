/** How many rows may work on the engine at once. */
export interface Slots {
  readonly free: number;
  /** Never waits: callers look at `free` first. */
  take(): void;
  give(): void;
  /** Gives the slot of the caller to others while it only waits for something, and takes one again afterwards. */
  aside<T>(waiting: () => Promise<T>): Promise<T>;
}

/** `onFree` is told when somebody else may begin. */
export function slots(count: number, onFree: () => void): Slots {
  const queue: (() => void)[] = [];
  let taken = 0;
  const give = (): void => {
    const next = queue.shift();
    if (next !== undefined) {
      next();
      return;
    }
    taken -= 1;
    onFree();
  };
  return {
    get free() {
      return Math.max(0, count - taken);
    },
    take: () => {
      taken += 1;
    },
    give,
    aside: async (waiting) => {
      give();
      try {
        return await waiting();
      } finally {
        if (taken < count) taken += 1;
        else await new Promise<void>((resolve) => queue.push(resolve));
      }
    },
  };
}
