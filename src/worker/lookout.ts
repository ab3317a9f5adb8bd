/** Calls `look` when told, soon and once for several tellings, and again after as many milliseconds as it answers. */
export function lookout(look: () => number): { now(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | undefined;
  const run = (): void => {
    soon = undefined;
    clearTimeout(timer);
    timer = setTimeout(run, look());
  };
  return {
    now: () => {
      soon ??= setImmediate(run);
    },
    end: () => {
      clearTimeout(timer);
      clearImmediate(soon);
    },
  };
}
