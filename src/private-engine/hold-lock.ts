import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ContractError } from '../../contracts/contract-error.ts';

const WAIT_SECONDS = 20 * 60;

/**
 * Hold a file against every other process of this machine until disposed of. The kernel keeps the lock, so it ends with this
 * process however that dies. Throws engine_timeout when another holds it for twenty minutes, aborted when the caller gives up.
 */
export async function holdLock(path: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  const holder = spawn(
    'flock',
    ['--wait', String(WAIT_SECONDS), path, 'sh', '-c', 'echo held; exec cat >/dev/null'],
    { stdio: ['pipe', 'pipe', 'ignore'], detached: true },
  );
  const ended = once(holder, 'close');
  const release = async (): Promise<void> => {
    holder.stdin.end();
    await ended;
  };
  const giveUp = (): void => {
    holder.kill('SIGKILL');
    holder.stdin.end();
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const [first] = await Promise.race([once(holder.stdout, 'data'), ended]);
    if (Buffer.isBuffer(first)) return { [Symbol.asyncDispose]: release };
  } catch (error) {
    throw new ContractError('engine_failed', `${path} cannot be locked`, {
      cause: error,
      next: 'Install util-linux.',
    });
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  if (signal?.aborted === true) throw new ContractError('aborted', `waiting for ${path} was given up`);
  throw new ContractError('engine_timeout', `another process holds ${path}`, {
    next: 'Wait for the other installation or start, and try again.',
  });
}
