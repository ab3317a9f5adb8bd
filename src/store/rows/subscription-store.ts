import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { StreamTarget } from '../../../contracts/events.ts';
import type { Connection } from '../connection.ts';
import type { SubscriptionRow, SubscriptionStore } from '../store.ts';

/** Make it if missing, within a transaction of the caller’s. */
export function ensureSubscription(
  db: Database.Database,
  containerId: string,
  { reply_to = '', topic }: StreamTarget,
  now: number,
  ackedSeq = 0,
): SubscriptionRow {
  db.prepare(
    'INSERT INTO subscriptions (id, container_id, reply_to, topic, acked_seq, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(`sub_${randomUUID()}`, containerId, reply_to, topic, ackedSeq, now);
  const row = db
    .prepare<unknown[], SubscriptionRow>(
      'SELECT * FROM subscriptions WHERE container_id = ? AND reply_to = ? AND topic = ?',
    )
    .get(containerId, reply_to, topic);
  if (row === undefined) throw new ContractError('internal', 'a subscription is not there after its insert');
  return row;
}

/** Rows of `subscriptions`. */
export function subscriptionStore({ db, run, transaction }: Connection): SubscriptionStore {
  const removeById = db.prepare('DELETE FROM subscriptions WHERE id = ?');
  const removeByTarget = db.prepare(
    'DELETE FROM subscriptions WHERE container_id = ? AND reply_to = ? AND topic = ?',
  );
  const removeReceiver = db.prepare('DELETE FROM subscriptions WHERE reply_to = ?');
  const ack = db.prepare<unknown[], SubscriptionRow>(
    'UPDATE subscriptions SET acked_seq = max(acked_seq, ?) WHERE container_id = ? AND reply_to = ? AND topic = ? RETURNING *',
  );
  const ofContainer = db.prepare<[string], SubscriptionRow>(
    'SELECT * FROM subscriptions WHERE container_id = ? ORDER BY created_at, id',
  );
  const ofTarget = db.prepare<[string, string], SubscriptionRow>(
    'SELECT * FROM subscriptions WHERE topic = ? AND reply_to = ? ORDER BY created_at, id',
  );
  const all = db.prepare<[], SubscriptionRow>('SELECT * FROM subscriptions ORDER BY created_at, id');
  return {
    ensure: (containerId, target, now, ackedSeq) =>
      transaction(() => ensureSubscription(db, containerId, target, now, ackedSeq)),
    remove: (by) =>
      run(
        () =>
          ('id' in by
            ? removeById.run(by.id)
            : removeByTarget.run(by.container_id, by.target.reply_to ?? '', by.target.topic)
          ).changes,
      ),
    removeReceiver: (replyTo) => run(() => removeReceiver.run(replyTo).changes),
    ack: (containerId, { reply_to = '', topic }, seq) =>
      run(() => ack.get(seq, containerId, reply_to, topic)),
    ofContainer: (id) => run(() => ofContainer.all(id)),
    ofTarget: (replyTo, topic) => run(() => ofTarget.all(topic, replyTo)),
    all: () => run(() => all.all()),
  };
}
