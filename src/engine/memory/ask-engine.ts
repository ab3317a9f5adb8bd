import { connect } from 'node:net';
import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError } from '../engine-errors.ts';
import { type Asked, received, send, told } from './wire.ts';

/** The items of one call, on a connection of its own; returns its value. Throws what the engine threw, or engine_unreachable. */
export async function* askEngine(
  socketPath: string,
  call: Asked,
  signal: AbortSignal,
): AsyncGenerator<unknown, unknown> {
  const host = `memory://${socketPath}`;
  if (signal.aborted) throw connectionError(signal.reason, host, signal);
  const socket = connect(socketPath);
  const abort = (): void => void socket.destroy(new Error('aborted'));
  // The reading below throws it.
  socket.on('error', () => undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await send(socket, call);
    for await (const message of received(socket)) {
      const answer = told.parse(message);
      if ('error' in answer) throw ContractError.fromWire(answer.error);
      if ('value' in answer) return answer.value;
      yield answer.item;
    }
    throw new ContractError('engine_unreachable', `the memory engine at ${socketPath} went away`);
  } catch (error) {
    throw connectionError(error, host, signal);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}
