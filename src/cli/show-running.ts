import type { ContainerEvent } from '../../contracts/events.ts';
import { containerTable } from './container-table.ts';
import type { Context } from './context.ts';
import { describeEvent } from './describe-event.ts';
import { linePrinter } from './line-printer.ts';
import { printable } from './printable.ts';
import type { RunningBerth } from './session.ts';

const RESTING: ReadonlySet<string> = new Set(['running', 'stopped', 'failed', 'paused', 'removed']);

/** What `up` shows until its signal ends: steps as they happen, a table whenever all rest again, and the containers’ lines. */
export async function showRunning(
  running: RunningBerth,
  context: Context,
  options: { readonly json: boolean; readonly logs: boolean },
): Promise<void> {
  const { io, signal } = context;
  const names = new Map<string, string>();
  const print = linePrinter(io, [], { prefix: true, timestamps: false });
  const problems = sayProblems(running, context, options.json);
  let unsettled = true;
  let shown = '';
  const learn = async (): Promise<void> => {
    const { containers } = await running.session.containers.list({ limit: 1000 }, { signal });
    for (const { id, name } of containers) names.set(id, name);
    if (unsettled && containers.length > 0 && containers.every(({ status }) => RESTING.has(status))) {
      unsettled = false;
      const settled = JSON.stringify(containers.map(({ id, status, ports }) => [id, status, ports]));
      // A container that fails again and again is told of by its lines; the same table each time would drown them.
      if (!options.json && settled !== shown) io.out(`${containerTable(containers, context.deps.now())}\n`);
      shown = settled;
    }
  };
  try {
    await learn();
    for await (const event of running.watch(signal)) {
      if (options.json) {
        if (event.type !== 'log' || options.logs) io.out(`${JSON.stringify(event)}\n`);
        continue;
      }
      if (event.type === 'status' && !RESTING.has(event.status)) unsettled = true;
      if (!names.has(event.container_id) || (event.type === 'status' && RESTING.has(event.status)))
        await learn();
      show(event, printable(names.get(event.container_id) ?? event.container_id));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await problems;

  function show(event: ContainerEvent, name: string): void {
    if (event.type === 'log') {
      if (options.logs) print(name, event);
    } else if (event.type !== 'done') {
      io.out(`${name}: ${describeEvent(event)}\n`);
    }
  }
}

async function sayProblems(running: RunningBerth, { io, signal }: Context, json: boolean): Promise<void> {
  try {
    for await (const text of running.problems)
      io.err(json ? `${JSON.stringify({ problem: text })}\n` : `${text}\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
