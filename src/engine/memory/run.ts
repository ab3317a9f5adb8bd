import { parseRestartPolicy } from '../../plan/restart-policy.ts';
import { endLines, writeText } from './kept-log.ts';
import { programOf, type Step } from './program.ts';
import { tellContainer } from './tell-container.ts';
import type { MemoryContainer, World } from './world.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** What an init process exits with when there is nothing to run. */
const NOTHING_TO_RUN = 127;

/** Begin a run: what it does, its end in time, and the restarts that its policy asks for. */
export function run(world: World, container: MemoryContainer): void {
  container.state = 'running';
  container.started_at = world.stamp();
  delete container.finished_at;
  delete container.error;
  tellContainer(world, 'start', container);
  perform(world, container, programOf(container.request.spec), 0);
}

/** Do the steps one after another, then exit with what the last one left as its status. */
function perform(world: World, container: MemoryContainer, steps: readonly Step[], status: number): void {
  const [step, ...rest] = steps;
  if (step === undefined || step.does === 'exit') {
    const code = step?.status ?? status;
    later(container, 0, () => exited(world, container, code));
  } else if (step.does === 'sleep') {
    later(container, step.ms, () => perform(world, container, rest, 0));
  } else if (step.does === 'write') {
    write(world, container, step.stream, step.text);
    perform(world, container, rest, 0);
  } else if (step.does === 'leave') {
    perform(world, container, rest, step.status);
  } else {
    write(world, container, 'stderr', `exec ${step.path} failed: No such file or directory\n`);
    perform(world, container, rest, NOTHING_TO_RUN);
  }
}

function write(
  world: World,
  { log, watchers }: MemoryContainer,
  stream: 'stdout' | 'stderr',
  text: string,
): void {
  writeText(log, stream, text, world.stamp);
  for (const watcher of watchers) watcher();
}

/** What comes in time, unless the run ends before. What is paused does nothing before it goes on. */
function later(container: MemoryContainer, ms: number, then: () => void): void {
  const inTime = (): void => {
    if (container.state === 'paused') container.overdue = then;
    else then();
  };
  const timer =
    ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(inTime, Math.min(ms, LONGEST_TIMER_MS));
  timer?.unref();
  container.end = () => clearTimeout(timer);
}

/** Paused no more; what would have come meanwhile comes now. */
export function goOn(world: World, container: MemoryContainer): void {
  const { overdue } = container;
  container.state = 'running';
  delete container.overdue;
  tellContainer(world, 'unpause', container);
  overdue?.();
}

/** The end of a run, whoever asked for it. */
export function finish(world: World, container: MemoryContainer, exit_code: number): void {
  container.end?.();
  delete container.end;
  delete container.overdue;
  // Between two runs there is none that could die.
  const ran = container.state !== 'restarting';
  container.state = 'exited';
  container.host_ports = [];
  if (!ran) return;
  endLines(container.log, world.stamp);
  container.exit_code = exit_code;
  container.finished_at = world.stamp();
  tellContainer(world, 'die', container, { exitCode: String(exit_code) });
}

function exited(world: World, container: MemoryContainer, exit_code: number): void {
  const ports = container.host_ports;
  finish(world, container, exit_code);
  const policy = parseRestartPolicy(container.limits.restart_policy);
  const again =
    policy.name === 'always' ||
    policy.name === 'unless-stopped' ||
    (policy.name === 'on-failure' &&
      exit_code !== 0 &&
      container.restart_count < (policy.max ?? Number.POSITIVE_INFINITY));
  if (!again) return;
  container.state = 'restarting';
  container.host_ports = ports;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** container.restart_count, LONGEST_DELAY_MS);
  later(container, delay, () => {
    container.restart_count += 1;
    run(world, container);
  });
}
