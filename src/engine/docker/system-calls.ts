import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError } from '../engine-errors.ts';
import type { EngineEvent, SystemCalls } from '../port/system-calls.ts';
import { jsonLines } from '../transport/json-lines.ts';
import { type Api, bodyOf } from './api.ts';

interface RawEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly time?: number;
  readonly timeNano?: number;
}

/** The engine itself over the Docker API. */
export function systemCalls(api: Api): SystemCalls {
  return {
    ping: async (signal) => {
      api.forgetVersion();
      const api_version = await api.version(signal);
      const { Version, Os, Arch } = bodyOf<{ Version: string; Os: string; Arch: string }>(
        await api.ask({ method: 'GET', path: '/version' }, { doing: 'version', signal }),
      );
      return { engine: Version, api: api_version, os: Os, architecture: Arch };
    },
    events: (signal) => readEvents(api, signal),
  };
}

async function* readEvents(
  api: Api,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent | { readonly type: 'connected' }> {
  const ending = new AbortController();
  const all = AbortSignal.any([signal, ending.signal]);
  try {
    const response = await api.open({ method: 'GET', path: '/events' }, { doing: 'events', signal: all });
    yield { type: 'connected' };
    for await (const raw of jsonLines(response as AsyncIterable<Buffer>)) yield eventOf(raw as RawEvent);
    throw new ContractError('engine_unreachable', `the event stream of ${api.transport.host} ended`);
  } catch (error) {
    throw connectionError(error, api.transport.host, signal);
  } finally {
    ending.abort();
  }
}

function eventOf({ Type = '', Action = '', Actor = {}, time = 0, timeNano }: RawEvent): EngineEvent {
  const { ID = '', Attributes = {} } = Actor;
  const name = Attributes['name'];
  const millis = timeNano === undefined ? time * 1000 : Math.floor(timeNano / 1e6);
  return {
    type: Type,
    action: Action,
    id: ID,
    attributes: Attributes,
    ts: new Date(millis).toISOString(),
    ...(name !== undefined && { name }),
  };
}
