import { Duplex } from 'node:stream';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { OutputPiece, Session } from '../../engine/port/session-calls.ts';
import { ensureHelper, type Helped, removeHelper } from '../../engine/probe-helper.ts';
import { untilAborted } from '../until-aborted.ts';
import type { WorkerParts } from '../worker-parts.ts';

export type HelperParts = Pick<WorkerParts, 'engine' | 'identity' | 'log' | 'pulls'> & {
  readonly image: string;
};

/** Small containers in the networks of those that cannot be reached from here: one for each, made when it is first needed and used for all looks. */
export interface Helpers {
  /** Whether a connection to that port is taken; else why not. */
  connects(
    helped: Helped,
    to: Destination,
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly why: string }>;
  /** A connection. It ends with the signal, or when it is destroyed. */
  dial(helped: Helped, to: Destination, signal: AbortSignal): Promise<Duplex>;
  /** That container’s helper goes, if there is one. Never throws. */
  drop(engine_id: string): Promise<void>;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly timeout_ms: number;
}

/** How long making one may take, its image included. */
const MAKING_MS = 10 * 60_000;
/** One that could not be made is not tried again sooner. */
const PAUSE_MS = 2000;

const CONNECTS = 'nc -w "$1" "$2" "$3" -e true </dev/null || nc -z -w "$1" "$2" "$3" 2>/dev/null';

/** It reads as far as anybody needs: the engine would read on, and throw away, what nobody takes any more. */
const TALKS = 'timeout "$1" nc "$2" "$3" | dd bs=4096 count=256 2>/dev/null';

interface Made {
  readonly started_at: string;
  readonly id: Promise<string>;
  readonly ending: AbortController;
}

export function probeHelpers({ engine, identity, log, pulls, image }: HelperParts): Helpers {
  const made = new Map<string, Made>();

  const make = async (helped: Helped, signal: AbortSignal): Promise<string> => {
    if ((await engine.images.inspect(image, signal)) === undefined)
      await pulls.pull({ image }, () => undefined, signal);
    return ensureHelper(engine, identity, { ...helped, image }, signal);
  };

  const begin = (helped: Helped): Made => {
    const { engine_id, started_at } = helped;
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(MAKING_MS)]);
    const id = make(helped, signal);
    const one = { started_at, id, ending };
    made.set(engine_id, one);
    id.catch((error: unknown) => {
      log.debug({ engine_id, error }, 'a helper for probes could not be made');
      setTimeout(() => {
        if (made.get(engine_id) === one) made.delete(engine_id);
      }, PAUSE_MS).unref();
    });
    return one;
  };

  /** Its making goes on when this look does not wait for it any more. */
  const helper = async (helped: Helped, signal: AbortSignal): Promise<string> => {
    const known = made.get(helped.engine_id);
    const { id } = known?.started_at === helped.started_at ? known : begin(helped);
    const got = await untilAborted(id, signal);
    if (got === 'aborted') throw new ContractError('aborted', 'a helper in its network is being made');
    return got;
  };

  const run = async (
    helped: Helped,
    command: readonly string[],
    stdin: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly exec_id: string; readonly session: Session }> => {
    const id = await helper(helped, signal);
    const request = { command, env: {}, privileged: false, tty: false, stdin, output: true };
    try {
      const { exec_id } = await engine.sessions.prepare(id, request, signal);
      return { exec_id, session: await engine.sessions.run(exec_id, { tty: false }, signal) };
    } catch (error) {
      // Somebody removed it: the next look makes another one.
      if (error instanceof ContractError && (error.code === 'not_found' || error.code === 'wrong_state'))
        made.delete(helped.engine_id);
      throw error;
    }
  };

  return {
    connects: async (helped, { host, port, timeout_ms }, signal) => {
      const words = [String(Math.max(1, Math.ceil(timeout_ms / 1000))), host, String(port)];
      const { exec_id, session } = await run(helped, ['sh', '-c', CONNECTS, 'sh', ...words], false, signal);
      let said = '';
      for await (const batch of session.output) for (const { data } of batch) said += data.toString();
      const state = await engine.sessions.state(exec_id, signal);
      const why = said.split('\n').find((line) => line.startsWith('nc: can')) ?? said;
      return { ok: state?.exit_code === 0, why: why.trim() || 'it takes no connection' };
    },
    dial: async (helped, { host, port, timeout_ms }, signal) => {
      const seconds = String(Math.max(1, Math.ceil(timeout_ms / 1000)));
      const { session } = await run(
        helped,
        ['sh', '-c', TALKS, 'sh', seconds, host, String(port)],
        true,
        signal,
      );
      return connectionOver(session);
    },
    drop: async (engine_id) => {
      const one = made.get(engine_id);
      if (one === undefined) return;
      made.delete(engine_id);
      one.ending.abort();
      try {
        await one.id.catch(() => undefined);
        await removeHelper(engine, identity, engine_id, AbortSignal.timeout(PAUSE_MS * 5));
      } catch (error) {
        log.debug({ engine_id, error }, 'a helper for probes could not be removed; it is swept later');
      }
    },
  };
}

/** What the process on the other side says goes out, and what it hears comes in; what it complains of breaks the connection. */
function connectionOver(session: Session): Duplex {
  const pieces = session.output[Symbol.asyncIterator]();
  const read = async (duplex: Duplex): Promise<void> => {
    const next: IteratorResult<readonly OutputPiece[]> = await pieces.next();
    if (next.done) {
      duplex.push(null);
      return;
    }
    const { value } = next;
    const complaint = value.find(({ stream }) => stream === 'stderr');
    if (complaint !== undefined) throw new Error(complaint.data.toString().trim());
    const data = Buffer.concat(value.map((piece) => piece.data));
    if (data.length > 0) duplex.push(data);
    else await read(duplex);
  };
  return new Duplex({
    read() {
      read(this).catch((error: unknown) => this.destroy(error instanceof Error ? error : undefined));
    },
    write: (data: Buffer, _encoding, done) => {
      session.write(data).then(() => done(), done);
    },
    // Its end would be taken for the end of the connection.
    final: (done) => done(),
    destroy: (error, done) => {
      session.close();
      done(error);
    },
  });
}
