import { createHash } from 'node:crypto';
import type { BerthEvent } from '../../../contracts/berth-event.ts';
import type { ContainerSpec } from '../../../contracts/container-spec.ts';
import { containers } from '../../../contracts/containers.ts';
import { connect } from '../../../src/connect.ts';
import { serveParent } from '../../support/serve-parent.ts';

// A subscriber in a process of its own, that counts numbered lines: node line-counter.ts SOCKET

/** What one subscriber saw. */
export interface Seen {
  readonly done: boolean;
  readonly lines: { readonly stdout: number; readonly stderr: number };
  readonly first_seq: number;
  readonly last_seq: number;
  /** What was not as it should be, the first few. */
  readonly problems: readonly string[];
  /** Lines that begin with these words, whole: text, and bytes in hex when they are not UTF-8. */
  readonly kept: Readonly<Record<string, string>>;
  /** Types of the last events: `status stopped`, `done`. */
  readonly tail: readonly string[];
  readonly peak_bytes: number;
}

const MOST_PROBLEMS = 10;
const connection = await connect(process.argv[2] ?? '');
const docker = connection.contract.open(containers);
const lines = { stdout: 0, stderr: 0 };
const longer = { stdout: '', stderr: '' };
const kept: Record<string, string> = {};
const problems: string[] = [];
const hashes: number[] = [];
let tail: string[] = [];
let first = 0;
let last = 0;
let done = false;
let keep: readonly string[] = [];

/** `joined`: lines before were seen by others, so the first number of a stream is taken as it comes. */
async function count(topic: string, joined: boolean): Promise<void> {
  for await (const event of connection.process.listen(topic)) {
    if (first === 0) first = event.seq;
    else if (event.seq !== last + 1) complain(`seq ${event.seq} after ${last}`);
    if (done) complain(`${event.type} after done`);
    last = event.seq;
    hashes[event.seq] = createHash('sha1').update(JSON.stringify(event)).digest().readUInt32LE();
    tail = [...tail.slice(-3), event.type === 'status' ? `status ${event.status}` : event.type];
    if (event.type === 'log') countLine(event, joined);
    if (event.type === 'gap') complain(`gap ${event.reason}`);
    if (event.type === 'done') done = true;
  }
}

function countLine(event: Extract<BerthEvent, { type: 'log' }>, joined: boolean): void {
  const { stream, line, bytes, truncated } = event;
  longer[stream] += line.slice(0, 40);
  if (truncated) return;
  const begun = longer[stream];
  longer[stream] = '';
  const number = Number(/^\d+/.exec(begun)?.[0]);
  const expected = lines[stream] + 1;
  if (number !== expected && !(joined && lines[stream] === 0))
    complain(`${stream} ${expected} is ${begun.slice(0, 40)}`);
  lines[stream] = number;
  const word = begun.split(' ').slice(0, 2).join(' ');
  if (keep.includes(word))
    kept[word] = bytes === undefined ? line : Buffer.from(bytes, 'base64').toString('hex');
}

function complain(problem: string): void {
  if (problems.length < MOST_PROBLEMS) problems.push(problem);
}

serveParent({
  /** Make a container whose events come here. */
  create: async (spec: ContainerSpec & { name: string }, words: readonly string[]) => {
    keep = words;
    const topic = 'counted';
    void count(topic, false);
    return docker.create({ ...spec, stream: { reply_to: connection.process.self(), topic } });
  },
  /** Join in the middle. */
  join: async (id: string, from_seq: number) => {
    const topic = 'joined';
    void count(topic, true);
    await docker.subscribe({ id, stream: { reply_to: connection.process.self(), topic }, from_seq });
  },
  seen: (): Seen => ({
    done,
    lines,
    first_seq: first,
    last_seq: last,
    problems,
    kept,
    tail,
    peak_bytes: process.resourceUsage().maxRSS * 1024,
  }),
  /** One number for all events from a seq on. */
  digest: (from_seq: number) =>
    createHash('sha1')
      .update(JSON.stringify(hashes.slice(from_seq)))
      .digest('hex'),
});
