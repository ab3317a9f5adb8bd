/** Items from one who has them to one who takes them, in order, and no faster than they are taken. */
export interface HandOver<T> {
  /** Resolves once it was taken, or nobody takes any more. */
  give(item: T): Promise<void>;
  /** No more comes; what was given is taken first. With an error, the taker is thrown that. */
  end(error?: unknown): void;
  /** To be taken once. Leaving it calls `onLeft`. */
  readonly items: AsyncIterable<T>;
}

export function handOver<T>(onLeft: () => void): HandOver<T> {
  const queue: { readonly item: T; readonly taken: () => void }[] = [];
  let wake = (): void => undefined;
  let ended: { readonly error: unknown } | undefined;
  let left = false;
  async function* items(): AsyncGenerator<T> {
    try {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) {
          next.taken();
          yield next.item;
        } else if (ended !== undefined) {
          if (ended.error !== undefined) throw ended.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      left = true;
      for (const { taken } of queue.splice(0)) taken();
      onLeft();
    }
  }
  return {
    give: (item) =>
      new Promise((resolve) => {
        if (left || ended !== undefined) return resolve();
        queue.push({ item, taken: resolve });
        wake();
      }),
    end: (error) => {
      ended ??= { error };
      wake();
    },
    items: items(),
  };
}
