/**
 * The check's value once it stops throwing. It is tried again and again until the deadline (milliseconds; generous, since a
 * bound in a test is no figure); the error of the last try is the cause.
 */
export async function eventually<T>(check: () => T | Promise<T>, deadline = 60_000): Promise<T> {
  const end = performance.now() + deadline;
  let pause = 10;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end)
        throw new Error(
          `did not hold within ${deadline} ms: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.5, 500);
  }
}
