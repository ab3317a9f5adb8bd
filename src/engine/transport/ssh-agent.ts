import { type ChildProcess, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { ContractError } from '../../../contracts/contract-error.ts';

/** A machine to reach by ssh. What is left out is as the user’s ssh configuration says. */
export interface SshTarget {
  readonly host: string;
  readonly port?: number;
  readonly username?: string;
  /** The engine’s socket there. Left out: the one that `docker` there finds. */
  readonly remote_socket?: string;
}

/** So long a connection may take to be made, in seconds. */
const CONNECT_S = 15;
/** So much of what ssh complains of is kept. */
const MOST_SAID = 4000;

/**
 * HTTP connections to an engine on another machine: each is an `ssh` that runs `docker system dial-stdio` there, as Docker’s own
 * client does it. ssh itself decides by the user’s configuration whom it trusts and how it proves who we are; it asks nobody.
 */
export function sshAgent(
  target: SshTarget,
  options: { readonly keepAlive: boolean; readonly maxSockets?: number },
): Agent {
  return new SshAgent(target, options);
}

class SshAgent extends Agent {
  readonly #target: SshTarget;

  constructor(target: SshTarget, options: { readonly keepAlive: boolean; readonly maxSockets?: number }) {
    super(options);
    this.#target = target;
  }

  override createConnection(): Duplex {
    return new SshConnection(this.#target);
  }
}

/** Both ends of what runs over there, with as much of a socket as Node’s HTTP asks for. */
class SshConnection extends Duplex {
  readonly #child: ChildProcess;
  readonly #target: SshTarget;
  #said = '';
  #heard = false;

  constructor(target: SshTarget) {
    super({ allowHalfOpen: true });
    this.#target = target;
    const child = spawn('ssh', wordsFor(target), { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.on('data', (part: Buffer) => {
      this.#heard = true;
      if (!this.push(part)) child.stdout.pause();
    });
    child.stderr.on('data', (part: Buffer) => {
      this.#said = (this.#said + part.toString()).slice(-MOST_SAID);
    });
    // Its end says more.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => this.destroy(notStarted(error)));
    child.once('close', (code) => this.#ended(code));
  }

  #ended(code: number | null): void {
    if (code === 0 || this.#heard) this.push(null);
    else this.destroy(failure(this.#target, code, this.#said));
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(part: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { stdin } = this.#child;
    if (stdin === null || stdin.destroyed) done();
    else stdin.write(part, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

function wordsFor({ host, port, username, remote_socket }: SshTarget): readonly string[] {
  return [
    ...['-T', '-o', 'BatchMode=yes', '-o', `ConnectTimeout=${CONNECT_S}`],
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(username === undefined ? [] : ['-l', username]),
    ...['--', host, 'docker'],
    ...(remote_socket === undefined ? [] : ['--host', `unix://${remote_socket}`]),
    ...['system', 'dial-stdio'],
  ];
}

function notStarted(error: Error): ContractError {
  return new ContractError('engine_unreachable', `ssh could not be started: ${error.message}`, {
    cause: error,
    next: 'Install an ssh client.',
  });
}

/** In ssh’s own words; what it refuses and what refuses it is engine_denied. */
function failure({ host }: SshTarget, code: number | null, said: string): ContractError {
  const words = said.trim().split('\n').at(-1)?.trim() ?? '';
  const what = `ssh to ${host}: ${words === '' ? `it ended with ${code ?? 'a signal'}` : words}`;
  if (/permission denied|host key verification failed|too many authentication failures/i.test(said))
    return new ContractError('engine_denied', what, {
      next: `See that \`ssh ${host}\` works without asking.`,
    });
  if (code === 127)
    return new ContractError('engine_unreachable', what, { next: `Install docker’s client on ${host}.` });
  return new ContractError('engine_unreachable', what);
}
