import { randomUUID } from 'node:crypto';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { StreamTarget } from '../../../contracts/events.ts';
import type { Connection } from '../connection.ts';
import type { SubscriptionRow, SubscriptionStore } from '../store.ts';

const COLUMNS = 'id, container_id AS stream_id, reply_to, topic, acked_seq, created_at';

/** Make it if missing, within a transaction of the caller’s. Throws not_found when there is no such container. */
export function ensureSubscription(
  { prepared }: Pick<Connection, 'prepared'>,
  containerId: string,
  { reply_to = '', topic }: StreamTarget,
  now: number,
  ackedSeq = 0,
): SubscriptionRow {
  if (prepared('SELECT 1 FROM containers WHERE id = ?').get(containerId) === undefined)
    throw new ContractError('not_found', `there is no container ${containerId}`);
  prepared(
    'INSERT INTO subscriptions (id, container_id, reply_to, topic, acked_seq, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(`sub_${randomUUID()}`, containerId, reply_to, topic, ackedSeq, now);
  return prepared(
    `SELECT ${COLUMNS} FROM subscriptions WHERE container_id = ? AND reply_to = ? AND topic = ?`,
  ).get(containerId, reply_to, topic) as SubscriptionRow;
}

/** Rows of `subscriptions`. */
export function subscriptionStore(connection: Connection): SubscriptionStore {
  const { db, run, transaction } = connection;
  const removeById = db.prepare('DELETE FROM subscriptions WHERE id = ?');
  const removeByTarget = db.prepare(
    'DELETE FROM subscriptions WHERE container_id = ? AND reply_to = ? AND topic = ?',
  );
  const removeReceiver = db.prepare('DELETE FROM subscriptions WHERE reply_to = ?');
  const ack = db.prepare<unknown[], SubscriptionRow>(
    `UPDATE subscriptions SET acked_seq = max(acked_seq, ?) WHERE container_id = ? AND reply_to = ? AND topic = ? RETURNING ${COLUMNS}`,
  );
  const ofContainer = db.prepare<[string], SubscriptionRow>(
    `SELECT ${COLUMNS} FROM subscriptions WHERE container_id = ? ORDER BY created_at, id`,
  );
  const ofTarget = db.prepare<[string, string], SubscriptionRow>(
    `SELECT ${COLUMNS} FROM subscriptions WHERE topic = ? AND reply_to = ? ORDER BY created_at, id`,
  );
  const all = db.prepare<[], SubscriptionRow>(`SELECT ${COLUMNS} FROM subscriptions ORDER BY created_at, id`);
  return {
    ensure: (containerId, target, now, ackedSeq) =>
      transaction(() => ensureSubscription(connection, containerId, target, now, ackedSeq)),
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
