import type { CreateContainer } from '../../src/engine/engine.ts';
import { openMemoryEngine } from '../../src/engine/memory/memory-engine.ts';
import { serveEngine } from '../../src/engine/memory/serve-engine.ts';
import { reportToParent, serveParent } from './serve-parent.ts';

// A memory engine in a process of its own: node memory-engine-script.ts SOCKET DELAY_MS
const [, , socket = '', delay = '0'] = process.argv;
const engine = openMemoryEngine();

/** Calls that change a container, by its name; two at once mean that two believed it to be theirs. */
const busy = new Map<string, AbortSignal>();
const overlaps: string[] = [];
const made: string[] = [];
let held: { readonly call: string; readonly name: string; release?: () => void } | undefined;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function slowed<A extends readonly unknown[], R>(
  call: string,
  nameOf: (...args: A) => string,
  work: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const name = nameOf(...args);
    if (held?.call === call && held.name === name && held.release === undefined) {
      const hold = held;
      reportToParent({ held: name });
      await new Promise<void>((resolve) => {
        hold.release = resolve;
      });
    }
    if (call === 'inspect') return work(...args);
    const other = busy.get(name);
    const signal = args.at(-1);
    if (other !== undefined && !other.aborted) overlaps.push(`${call} ${name}`);
    if (signal instanceof AbortSignal) busy.set(name, signal);
    try {
      await wait(Math.random() * Number(delay));
      const result = await work(...args);
      if (call === 'create') made.push(name);
      // Done, but its caller does not know yet.
      await wait(Math.random() * Number(delay));
      return result;
    } finally {
      if (busy.get(name) === signal) busy.delete(name);
    }
  };
}

const { containers } = engine;
await serveEngine(
  {
    ...engine,
    containers: {
      ...containers,
      inspect: slowed('inspect', (ref: string) => ref, containers.inspect),
      create: slowed('create', ({ name }: CreateContainer) => name, containers.create),
      start: slowed('start', (ref: string) => ref, containers.start),
    },
  },
  socket,
);

serveParent({
  counts: () => engine.counts(),
  made: () => made,
  overlaps: () => overlaps,
  /** The next such call of that container is not answered until `release`. */
  hold: (call: string, name: string) => {
    held = { call, name };
  },
  release: () => held?.release?.(),
});
reportToParent('ready');
