import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerView } from '../../../contracts/container-view.ts';
import { ContractError } from '../../../contracts/contract-error.ts';
import type { Context } from '../context.ts';
import { printable } from '../printable.ts';
import { redraw } from '../redraw.ts';
import type { RunningBerth } from '../session.ts';
import { dependencyTree } from './dependency-tree.ts';
import { progressOf, progressOfAll, stateText } from './progress.ts';

/** People see no more than this. */
const LOOK_MS = 300;
/** A failure that something undoes by itself is seen more than once. */
const LOOKS = 3;

/**
 * `up --wait`: until all that is declared is up and well, on a terminal with a tree of who waits for whom, else a line a change. Throws
 * deploy_failed or dependency_failed when nothing is on its way any more and something has failed, timed_out after so many seconds,
 * and invalid_registry as soon as an entry is wrong: what it stands for would never come up.
 */
export async function untilUp(
  running: RunningBerth,
  { io, signal }: Context,
  { json, timeout }: { readonly json: boolean; readonly timeout: number | undefined },
): Promise<void> {
  const draw = io.terminal && !json ? redraw(io) : undefined;
  const shown = new Map<string, string>();
  const end = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout * 1000;
  refuseWrong(running);
  const problems = sayProblems(running, io);
  for (let failures = 0; ; ) {
    refuseWrong(running);
    const containers = await declared(running, signal);
    if (draw === undefined) tellChanges(containers, shown, json, io.out);
    else draw(`${dependencyTree(containers)}\n`);
    const progress = [...progressOfAll(containers).values()];
    if (progress.every((one) => one === 'up')) return;
    failures = progress.includes('coming') ? 0 : failures + 1;
    if (failures >= LOOKS) throw failed(containers, io, json);
    if (performance.now() >= end) throw late(containers, timeout ?? 0);
    await Promise.race([pause(LOOK_MS, undefined, { signal }), problems]);
  }
}

function refuseWrong(running: RunningBerth): void {
  const [first, ...more] = running.wrong();
  if (first === undefined) return;
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  throw new ContractError('invalid_registry', `${first}${rest}`);
}

async function declared(running: RunningBerth, signal: AbortSignal): Promise<readonly ContainerView[]> {
  const { containers } = await running.session.containers.list({ limit: 1000 }, { signal });
  return containers.filter((view) => view.declared && view.status !== 'removed').toReversed();
}

/** Never ends before the view does: it is raced with pauses. */
async function sayProblems(running: RunningBerth, io: Context['io']): Promise<never> {
  for await (const text of running.problems) io.err(`${text}\n`);
  return await new Promise<never>(() => undefined);
}

function tellChanges(
  containers: readonly ContainerView[],
  shown: Map<string, string>,
  json: boolean,
  out: (text: string) => void,
): void {
  for (const view of containers) {
    const state = stateText(view);
    if (shown.get(view.id) === state) continue;
    shown.set(view.id, state);
    out(json ? `${JSON.stringify(view)}\n` : `${printable(view.name)}: ${printable(state)}\n`);
  }
}

function failed(containers: readonly ContainerView[], io: Context['io'], json: boolean): ContractError {
  const progress = progressOfAll(containers);
  const those = containers.filter(({ id }) => progress.get(id) === 'failed');
  const own = those.filter(
    ({ status, reason }) => status !== 'waiting' && reason?.code !== 'dependency_failed',
  );
  const culprits = those.flatMap(({ reason }) => reason?.culprit ?? []);
  for (const { name, lines, health_output } of json
    ? []
    : new Map(culprits.map((one) => [one.id, one])).values()) {
    if (health_output !== undefined) io.err(`${name} health: ${printable(health_output)}\n`);
    for (const line of lines) io.err(`${name} | ${printable(line)}\n`);
  }
  const told = [...own, ...those.filter((view) => !own.includes(view))];
  const message = told.map((view) => `${view.name}: ${stateText(view)}`).join('; ');
  return new ContractError(culprits.length > 0 ? 'dependency_failed' : 'deploy_failed', message, {
    details: { failed: told.map(({ id }) => id).join(', ') },
  });
}

function late(containers: readonly ContainerView[], timeout: number): ContractError {
  const those = containers.filter((view) => progressOf(view) !== 'up');
  const message = `not all is up after ${timeout} s: ${those.map((view) => `${view.name}: ${stateText(view)}`).join('; ')}`;
  return new ContractError('timed_out', message, {
    details: { late: those.map(({ id }) => id).join(', ') },
    next: 'Give it more time with --timeout, or look at what the last of them waits for.',
  });
}
