import type { Handlers } from '../../../contracts/contract.ts';
import type { system } from '../../../contracts/system.ts';
import { LABEL } from '../../engine/labels.ts';
import type { EventQuery } from '../../engine/port/system-calls.ts';
import { momentOf } from '../containers/moment-of.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { refuseUnattended } from '../containers/settled.ts';
import { engineTime, laterTime } from './engine-time.ts';
import { followEvents } from './follow-events.ts';
import { shown } from './shown-event.ts';

type Events = Handlers<typeof system>['events'];
type Wanted = Omit<Parameters<Events>[0], 'stream'>;

export function engineEvents(parts: ContainerParts): Events {
  const { engine, clock, operations } = parts;
  return async ({ stream, ...wanted }, { signal, self }) => {
    const query = queryOf(wanted, parts);
    if (stream === undefined) {
      const now = engineTime(new Date(clock.now()).toISOString());
      const until = query.until === undefined || laterTime(query.until, now) ? now : query.until;
      const events: ReturnType<typeof shown>[] = [];
      for await (const event of engine.system.events({ since: '0', ...query, until }, signal))
        if ('action' in event) events.push(shown(event));
      return { events };
    }
    refuseUnattended(parts);
    const target = { ...stream, reply_to: stream.reply_to ?? self };
    const { id } = await followEvents(query, target, { engine, operations, signal });
    return { operation_id: id, events: [] };
  };
}

function queryOf(
  { since, until, managed = false, label = [], ...filters }: Wanted,
  { identity, clock }: ContainerParts,
): EventQuery {
  const labels = [...label, ...(managed ? [`${LABEL.instance}=${identity.instance}`] : [])];
  const given = Object.fromEntries(Object.entries(filters).filter(([, words]) => words !== undefined));
  return {
    ...given,
    ...(labels.length > 0 && { label: labels }),
    ...(since !== undefined && { since: engineTime(momentOf(since, clock.now(), 'since')) }),
    ...(until !== undefined && { until: engineTime(momentOf(until, clock.now(), 'until')) }),
  };
}
