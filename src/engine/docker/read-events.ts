import { ContractError } from '../../../contracts/contract-error.ts';
import { connectionError } from '../engine-errors.ts';
import type { EngineEvent, EventQuery } from '../port/system-calls.ts';
import { jsonLines } from '../transport/json-lines.ts';
import type { Api } from './api.ts';

interface RawEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly time?: number;
  readonly timeNano?: number;
}

/** The engine’s events, as they come. */
export async function* readEvents(
  api: Api,
  { since, until, action, ...filters }: EventQuery,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent | { readonly type: 'connected' }> {
  const ending = new AbortController();
  const all = AbortSignal.any([signal, ending.signal]);
  const wanted = { ...filters, ...(action && { event: action }) };
  const query = {
    since,
    until,
    ...(Object.keys(wanted).length > 0 && { filters: JSON.stringify(wanted) }),
  };
  try {
    const response = await api.open(
      { method: 'GET', path: '/events', query },
      { doing: 'events', signal: all },
    );
    yield { type: 'connected' };
    for await (const raw of jsonLines(response as AsyncIterable<Buffer>)) yield eventOf(raw as RawEvent);
    if (until !== undefined) return;
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
