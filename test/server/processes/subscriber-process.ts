import { containers } from '../../../contracts/containers.ts';
import { connect } from '../../../src/connect.ts';
import { serveParent } from '../../support/serve-parent.ts';

// A subscriber in a process of its own: node subscriber-process.ts SOCKET SELF
const [, , socket = '', self = ''] = process.argv;
const connection = await connect(socket, { self });
const docker = connection.contract.open(containers);
const seqs: number[] = [];

serveParent({
  listen: async (topic: string, from_seq?: number) => {
    const events = connection.process.listen(topic, from_seq === undefined ? {} : { from_seq });
    const first = Promise.withResolvers<void>();
    const reading = (async () => {
      for await (const { seq } of events) {
        seqs.push(seq);
        first.resolve();
      }
    })();
    reading.catch(first.reject);
    await first.promise;
  },
  ack: (id: string, topic: string, seq: number) => docker.ack({ id, stream: { topic }, seq }),
  /** First and last seq, how many, and whether each follows the one before. */
  seen: () => ({
    first: seqs[0],
    last: seqs.at(-1),
    count: seqs.length,
    in_order: seqs.every((seq, index) => index === 0 || seq === (seqs[index - 1] ?? 0) + 1),
  }),
});
