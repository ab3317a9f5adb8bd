/** What the promise gives, or 'aborted' when the signal ends before. The promise itself goes on; its rejection after that is nobody’s. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve('aborted');
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
