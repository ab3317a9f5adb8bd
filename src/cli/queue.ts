/** Values from a callback to a loop; bounded, the oldest go first when the loop does not keep up. */
export interface Queue<T> {
  push(value: T): void;
  end(): void;
  readonly values: AsyncIterable<T>;
}

export function queue<T>(most: number): Queue<T> {
  let held: T[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  return {
    push: (value) => {
      if (held.length >= most) held.shift();
      held.push(value);
      wake?.();
    },
    end: () => {
      ended = true;
      wake?.();
    },
    values: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const taken = held;
          held = [];
          yield* taken;
          if (held.length > 0) continue;
          if (ended) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    },
  };
}
