import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import { findOurs } from './find-container.ts';
import type { ContainerParts } from './parts.ts';

type Methods = Pick<Handlers<typeof containers>, 'subscribe' | 'unsubscribe' | 'ack'>;

/** Subscriptions are rows: they outlive the connection that made them. */
export function subscribing(parts: ContainerParts): Methods {
  const { store, journal, hub, clock } = parts;
  return {
    subscribe: async ({ id: ref, stream, from_seq }, { self, signal }) => {
      const row = await findOurs(ref, parts, signal);
      const { next_seq } = await journal.state(row.id);
      const target = { topic: stream.topic, reply_to: stream.reply_to ?? self };
      const known = store.subscriptions
        .ofContainer(row.id)
        .find(({ reply_to, topic }) => reply_to === target.reply_to && topic === target.topic);
      // Asking from an earlier event again is asking anew.
      if (known !== undefined && from_seq !== undefined) store.subscriptions.remove({ id: known.id });
      const made = store.subscriptions.ensure(row.id, target, clock.now(), (from_seq ?? next_seq) - 1);
      if (known !== undefined && from_seq !== undefined) hub.unsubscribed(made);
      hub.subscribed(made);
      return { subscription_id: made.id, container_id: row.id, next_seq };
    },
    unsubscribe: async (input, { self, signal }) => {
      if ('subscription_id' in input) {
        const known = store.subscriptions.all().find(({ id }) => id === input.subscription_id);
        if (known !== undefined) hub.unsubscribed(known);
        return { removed: store.subscriptions.remove({ id: input.subscription_id }) };
      }
      const { id } = await findOurs(input.id, parts, signal);
      const { topic, reply_to = self } = input.stream;
      hub.unsubscribed({ stream_id: id, topic, reply_to });
      return { removed: store.subscriptions.remove({ container_id: id, target: { topic, reply_to } }) };
    },
    ack: async ({ id: ref, stream, seq }, { self, signal }) => {
      const row = await findOurs(ref, parts, signal);
      const { next_seq } = await journal.state(row.id);
      if (seq >= next_seq)
        throw new ContractError('invalid_input', `${row.id} has no event ${seq} yet`, {
          problems: [{ path: 'seq', message: `at most ${next_seq - 1}, its last event` }],
        });
      const acked =
        store.subscriptions.ack(row.id, { topic: stream.topic, reply_to: stream.reply_to ?? self }, seq) ??
        store.subscriptions.ack(row.id, { topic: stream.topic }, seq);
      if (acked === undefined)
        throw new ContractError(
          'not_found',
          `${stream.reply_to ?? self} has no subscription to ${row.id} under ${stream.topic}`,
          { next: 'Subscribe first.' },
        );
      return { acked_seq: acked.acked_seq };
    },
  };
}
