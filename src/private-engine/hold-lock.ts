import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ContractError } from '../../contracts/contract-error.ts';

const WAIT_SECONDS = 20 * 60;
/** What flock ends with when the wait was too long. */
const WAITED_TOO_LONG = 1;

/**
 * Hold a file against every other process of this machine until disposed of; the file is made and stays. The kernel keeps the lock,
 * so it ends with this process however that dies. Throws engine_timeout when another holds it for twenty minutes, engine_failed when
 * the file cannot be made, aborted when the caller gives up.
 */
export async function holdLock(path: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  const aborted = (): boolean => signal?.aborted === true;
  const gaveUp = (): ContractError => new ContractError('aborted', `waiting for ${path} was given up`);
  if (aborted()) throw gaveUp();
  // The words after it run with the lock held, until our end of the pipe closes.
  const holder = spawn(
    'flock',
    ['--wait', String(WAIT_SECONDS), path, 'sh', '-c', 'echo held; exec cat >/dev/null'],
    { stdio: ['pipe', 'pipe', 'ignore'], detached: true },
  );
  const ended = once(holder, 'close').then(([code]: unknown[]) => ({ code }));
  const held = once(holder.stdout, 'data').then(() => 'held' as const);
  const giveUp = (): void => void holder.kill('SIGKILL');
  signal?.addEventListener('abort', giveUp, { once: true });
  const first = await Promise.race([held, ended]).catch((cause: unknown) => ({ code: undefined, cause }));
  signal?.removeEventListener('abort', giveUp);
  if (first === 'held')
    return {
      [Symbol.asyncDispose]: async () => {
        holder.stdin.end();
        await ended;
      },
    };
  holder.stdin.destroy();
  if (aborted()) throw gaveUp();
  if (first.code === WAITED_TOO_LONG)
    throw new ContractError('engine_timeout', `another process holds ${path}`, {
      next: 'Wait for the other installation or start, and try again.',
    });
  throw new ContractError('engine_failed', `${path} cannot be locked`, {
    cause: first,
    next: 'Look at whether its folder can be written, and whether `flock` (util-linux) is installed.',
  });
}
