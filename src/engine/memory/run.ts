import { parseRestartPolicy } from '../../plan/restart-policy.ts';
import { programOf } from './program.ts';
import { type MemoryContainer, tell, type World } from './world.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Begin a run: its lines, its end in time, and the restarts that its policy asks for. */
export function run(world: World, container: MemoryContainer): void {
  const program = programOf(container.request.spec);
  container.state = 'running';
  container.started_at = world.stamp();
  delete container.finished_at;
  tell(world, 'container', 'start', container);
  for (const line of program.lines)
    container.log.push({ stream: 'stdout', ts: world.stamp(), data: Buffer.from(line), ends_line: true });
  let timer: NodeJS.Timeout | undefined;
  if (program.ends_after !== undefined)
    timer = setTimeout(
      () => inTime(container, () => exited(world, container, program.exit_code)),
      Math.min(program.ends_after, LONGEST_TIMER_MS),
    );
  timer?.unref();
  container.end = () => clearTimeout(timer);
}

/** What is paused does not end before it goes on. */
function inTime(container: MemoryContainer, end: () => void): void {
  if (container.state === 'paused') container.overdue = end;
  else end();
}

/** Paused no more; what would have ended meanwhile ends now. */
export function goOn(world: World, container: MemoryContainer): void {
  const { overdue } = container;
  container.state = 'running';
  delete container.overdue;
  tell(world, 'container', 'unpause', container);
  overdue?.();
}

/** The end of a run, whoever asked for it. */
export function finish(world: World, container: MemoryContainer, exit_code: number): void {
  container.end?.();
  delete container.end;
  delete container.overdue;
  container.state = 'exited';
  container.exit_code = exit_code;
  container.finished_at = world.stamp();
  container.host_ports = [];
  tell(world, 'container', 'die', container);
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
  const timer = setTimeout(() => {
    container.restart_count += 1;
    run(world, container);
  }, delay);
  timer.unref();
  container.end = () => clearTimeout(timer);
}
