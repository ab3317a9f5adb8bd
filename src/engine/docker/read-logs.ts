import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError } from '../engine-errors.ts';
import type { LogFrame, LogQuery } from '../port/container-calls.ts';
import { pathSegment } from '../references.ts';
import { decodeFrames } from '../transport/decode-frames.ts';
import { logFrames, terminalFrames } from '../transport/log-frames.ts';
import type { Api } from './api.ts';

/** A container’s log with times, as it comes. The socket is closed when the reader stops. */
export async function* readLogs(
  api: Api,
  ref: string,
  { follow, since, until, tail, tty }: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LogFrame[]> {
  const ending = new AbortController();
  const all = AbortSignal.any([signal, ending.signal]);
  const query = {
    stdout: 1,
    stderr: 1,
    timestamps: 1,
    follow: follow ? 1 : 0,
    since: unixTime(since),
    until: unixTime(until),
    tail: tail ?? 'all',
  };
  try {
    const response = await api.open(
      { method: 'GET', path: `/containers/${pathSegment(ref)}/logs`, query },
      { doing: `logs of ${ref}`, signal: all },
    );
    const bytes: AsyncIterable<Buffer> = response;
    yield* tty ? terminalFrames(bytes) : logFrames(decodeFrames(bytes));
  } catch (error) {
    if (
      error instanceof ContractError &&
      (error.code === 'unsupported' || /does not support reading/i.test(error.message))
    ) {
      throw new ContractError('logs_unavailable', error.message, { cause: error });
    }
    throw connectionError(error, api.transport.host, signal);
  } finally {
    ending.abort();
  }
}

/** `sec.nano`: the only form that every API version takes to the nanosecond. Throws invalid_input. */
export function unixTime(ts: string | undefined): string | undefined {
  if (ts === undefined) return undefined;
  const [, whole = '', fraction = '0', zone = 'Z'] =
    /^(.*?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(ts) ?? [];
  const millis = Date.parse(`${whole}${zone}`);
  if (Number.isNaN(millis))
    throw new ContractError('invalid_input', `\`${ts.slice(0, 80)}\` is no RFC 3339 time`);
  return `${Math.floor(millis / 1000)}.${fraction.padEnd(9, '0')}`;
}
