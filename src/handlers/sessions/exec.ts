import type { containers } from '../../../contracts/containers.ts';
import type { Handlers } from '../../../contracts/contract.ts';
import type { Session } from '../../engine/port/session-calls.ts';
import { commandWords } from '../../plan/command-words.ts';
import type { ContainerRow } from '../../store/container-row.ts';
import type { ContainerParts } from '../containers/parts.ts';
import { engineIdOf, presentRow } from '../containers/present-row.ts';
import { boundedText } from './bounded-text.ts';
import { detachKeys } from './detach-keys.ts';
import { execSession } from './exec-session.ts';
import { type Execution, execute } from './execute.ts';
import { streamedExec } from './streamed-exec.ts';

type Exec = Handlers<typeof containers>['exec'];
type Input = Parameters<Exec>[0];

const DEFAULT_TIMEOUT_S = 300;
const END_OF_TRANSMISSION = Buffer.from([4]);

/** In its four ways: to its end, as events, as a session, and left alone. */
export function exec(parts: ContainerParts): Exec {
  return async (input, { self, signal }) => {
    const row = await presentRow(input.id, parts, signal);
    const execution = await executionOf(input, row, parts, signal);
    const container_id = row.id;
    if (input.detach) {
      const { sessions } = parts.engine;
      const { exec_id } = await sessions.prepare(execution.engine_id, execution.request, signal);
      await sessions.runDetached(exec_id, { tty: execution.request.tty }, signal);
      return { container_id, exec_id };
    }
    if (input.session) {
      const keys = detachKeys(input.detach_keys);
      const { session_id } = parts.sessions.offers.offer((joined) =>
        execSession(parts, execution, keys, joined),
      );
      return { container_id, session_id };
    }
    if (input.stream !== undefined) {
      const target = { topic: input.stream.topic, reply_to: input.stream.reply_to ?? self };
      const given = inputOf(input);
      return {
        container_id,
        ...(await streamedExec(parts, execution, target, (session) => feed(session, given, execution))),
      };
    }
    return { container_id, ...(await captured(parts, execution, inputOf(input), signal)) };
  };
}

async function executionOf(
  input: Input,
  row: ContainerRow,
  parts: ContainerParts,
  signal: AbortSignal,
): Promise<Execution> {
  const { command, args = [], env = {}, work_dir, user, privileged = false, tty = false, size } = input;
  const given = command ?? args;
  const waits_for_ever = input.session || input.stream !== undefined || input.detach;
  return {
    engine_id: await engineIdOf(row, parts, signal),
    request: {
      command: typeof given === 'string' ? commandWords(given) : given,
      env,
      ...(work_dir !== undefined && { work_dir }),
      ...(user !== undefined && { user }),
      privileged,
      tty,
      stdin: input.session === true || inputOf(input) !== undefined,
      output: input.detach !== true,
    },
    timeout: input.timeout ?? (waits_for_ever ? undefined : DEFAULT_TIMEOUT_S),
    size,
  };
}

function inputOf({ stdin, stdin_bytes }: Input): Buffer | undefined {
  if (stdin_bytes !== undefined) return Buffer.from(stdin_bytes, 'base64');
  return stdin === undefined ? undefined : Buffer.from(stdin);
}

async function captured(
  parts: ContainerParts,
  execution: Execution,
  input: Buffer | undefined,
  signal: AbortSignal,
): Promise<Omit<Awaited<ReturnType<Exec>>, 'container_id'>> {
  const said = { stdout: boundedText(), stderr: boundedText() };
  const { exec_id, exit_code } = await execute(
    parts,
    execution,
    {
      began: (_, session) => void feed(session, input, execution),
      hear: (pieces) => {
        for (const { stream, data } of pieces) said[stream].add(data);
      },
    },
    signal,
  );
  const [stdout, stderr] = [said.stdout.result(), said.stderr.result()];
  return {
    exec_id,
    exit_code,
    stdout: stdout.text,
    stderr: stderr.text,
    ...(stdout.bytes !== undefined && { stdout_bytes: stdout.bytes }),
    ...(stderr.bytes !== undefined && { stderr_bytes: stderr.bytes }),
    ...((stdout.truncated || stderr.truncated) && { truncated: true }),
  };
}

async function feed(session: Session, input: Buffer | undefined, { request }: Execution): Promise<void> {
  if (input === undefined) return;
  try {
    await session.write(input);
    // A terminal’s input has no end of its own.
    if (request.tty) await session.write(END_OF_TRANSMISSION);
    else await session.end();
  } catch {
    // It ended before it had read all: its output and its exit code tell the rest.
  }
}
