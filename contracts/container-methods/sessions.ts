import { z } from 'zod';
import { containerFields } from '../container-spec.ts';
import type { Method } from '../contract.ts';
import { streamTarget } from '../events.ts';
import { operationEvent } from '../operation-events.ts';
import { duration } from '../units.ts';
import { reference } from './reference.ts';
import { START } from './running.ts';

const FOUND = ['not_found', 'ambiguous_name', 'not_ours', 'wrong_state'] as const;
const ENGINE = [
  'engine_unreachable',
  'engine_timeout',
  'engine_denied',
  'engine_failed',
  'engine_refused',
  'unsupported',
] as const;

/** Characters of text, or of base64, that one call may carry. */
const MOST_INPUT = 1024 * 1024;
const text = z.string().max(MOST_INPUT);
const base64 = z.base64().max(MOST_INPUT);

const execId = z
  .string()
  .regex(/^[0-9a-f]{12,64}$/, 'the `exec_id` of an answer')
  .describe('As `exec` answered it.');

/** How large a terminal is. */
export const terminalSize = z.strictObject({
  columns: z.int().min(1).max(10_000),
  rows: z.int().min(1).max(10_000),
});

const KEY = '(?:[a-zA-Z]|ctrl-[a-zA-Z@[\\]\\\\^_])';
const detachKeys = z
  .string()
  .regex(new RegExp(`^(?:${KEY}(?:,${KEY}){0,15})?$`), 'keys like `ctrl-p,ctrl-q`, or nothing at all')
  .describe('What a terminal’s user types to leave it running. Default: ctrl-p,ctrl-q. Empty: nothing does.')
  .optional();

const operationId = z.string().regex(/^[A-Za-z0-9_.:/-]{1,256}$/, 'letters, digits and _.:/- only');

const sessionId = z
  .string()
  .describe(
    'To be joined once, within 30 s: a websocket at `/v1/sessions/{session_id}` of the daemon’s socket.',
  );

/** Talking with processes: the main one of a container, and further ones. */
export const sessionMethods = {
  exec: {
    description:
      'Run a command in a container that runs, and answer with what it said. It is ended inside the container when its time is over, or its caller goes. Its environment has `BERTH_EXEC`, by which it is found then.',
    input: z
      .strictObject({
        id: reference,
        command: containerFields.command.describe(
          'What to run. A string is split into words as Compose does, and goes to `sh -c` only when it uses the shell’s own syntax; a list is exact.',
        ),
        args: containerFields.args.describe('The exact words to run. Instead of `command`.'),
        env: containerFields.env.describe('Variables besides the container’s own.'),
        work_dir: containerFields.work_dir.describe('Default: the container’s own.'),
        user: containerFields.user.describe('Default: the container’s own.'),
        privileged: z.boolean().describe('With all capabilities. Default: false.').optional(),
        tty: z.boolean().describe('With a terminal: all output is stdout. Default: false.').optional(),
        stdin: text.describe('Input for it, after which its input is at its end.').optional(),
        stdin_bytes: base64.describe('The same as bytes, in base64.').optional(),
        detach: z.boolean().describe('Answer once it runs, and hear no more of it.').optional(),
        timeout: duration
          .describe(
            'How long it may take. Default: 5 minutes; with `stream`, `session` or `detach` as long as it likes.',
          )
          .optional(),
        stream: streamTarget
          .describe('Answer once it runs; its lines and its end are events there.')
          .optional(),
        session: z
          .boolean()
          .describe('Answer with a `session_id`; it runs once that is joined, and hears who joined.')
          .optional(),
        size: terminalSize.describe('Of the terminal; with `session` and `tty`.').optional(),
        detach_keys: detachKeys,
      })
      .superRefine(({ command, args, stdin, stdin_bytes, detach, stream, session, timeout }, context) => {
        const wrong = (path: string, message: string): void =>
          context.addIssue({ code: 'custom', path: [path], message });
        if ((command === undefined) === (args === undefined))
          wrong('command', 'say either `command` or `args`');
        if (typeof command === 'string' && command.trim() === '') wrong('command', 'is empty');
        if (stdin !== undefined && stdin_bytes !== undefined)
          wrong('stdin_bytes', 'say either `stdin` or `stdin_bytes`');
        if ([detach, stream !== undefined, session].filter(Boolean).length > 1)
          wrong('stream', 'say one of `detach`, `stream` and `session`');
        if (detach && (stdin ?? stdin_bytes) !== undefined)
          wrong('stdin', 'what is detached gets no input; leave out `detach`');
        if (session && (stdin ?? stdin_bytes) !== undefined)
          wrong('stdin', 'who joins the session sends the input');
        if (detach && timeout !== undefined) wrong('timeout', 'what is detached is not watched');
      }),
    output: z.object({
      container_id: z.string(),
      exec_id: z
        .string()
        .describe('The engine’s id of it; left out for a session, until it is joined.')
        .optional(),
      exit_code: z.int().describe('Once it has ended.').optional(),
      stdout: z.string().describe('What it said. Bytes that are not UTF-8 appear as U+FFFD.').optional(),
      stderr: z.string().optional(),
      stdout_bytes: z.base64().describe('The same as bytes, only when they are not UTF-8.').optional(),
      stderr_bytes: z.base64().optional(),
      truncated: z
        .literal(true)
        .describe('It said more than 8 MiB on a stream: the rest is left out.')
        .optional(),
      operation_id: z.string().describe('With `stream`: who its events are from.').optional(),
      session_id: sessionId.describe('With `session`.').optional(),
    }),
    errors: [...FOUND, ...ENGINE, 'command_not_found', 'command_not_runnable', 'timed_out'],
    events: operationEvent,
    idempotent: false,
  },
  exec_inspect: {
    description:
      'What has become of a command, as long as the engine knows it: until its container’s next start.',
    input: z.strictObject({ exec_id: execId }),
    output: z.object({
      exec_id: z.string(),
      container_id: z.string().describe('Ours, or the engine’s for a container of others.'),
      managed: z.boolean(),
      running: z.boolean(),
      exit_code: z.int().describe('Once it has ended.').optional(),
      pid: z.int().describe('On the engine’s machine.').optional(),
      command: z.array(z.string()),
      tty: z.boolean(),
      user: z.string(),
      privileged: z.boolean(),
    }),
    errors: ['not_found', ...ENGINE],
    idempotent: true,
  },
  exec_resize: {
    description: 'Give the terminal of a command another size.',
    input: z.strictObject({ exec_id: execId, ...terminalSize.shape }),
    output: z.object({ exec_id: z.string(), ...terminalSize.shape }),
    errors: [...FOUND, ...ENGINE],
    idempotent: true,
  },
  resize: {
    description: 'Give the terminal of a container another size; for one made with `tty`.',
    input: z.strictObject({ id: reference, ...terminalSize.shape }),
    output: z.object({ id: z.string(), ...terminalSize.shape }),
    errors: [...FOUND, ...ENGINE],
    idempotent: true,
  },
  stdin: {
    description:
      'Give the main process of a container input; for one made with `interactive`. Answers once it is written. What one caller sends comes in order.',
    input: z
      .strictObject({
        container_id: reference,
        data: text.describe('Text to write, as it is: a line needs its newline.').optional(),
        bytes: base64.describe('Bytes to write, in base64. Instead of `data`.').optional(),
        end: z
          .boolean()
          .describe(
            'The input ends with this: on a terminal by Ctrl-D, else for a container with `stdin_once`. Others cannot be told; they answer `unsupported`.',
          )
          .optional(),
        operation_id: operationId.describe('The same twice writes once; kept for a week.').optional(),
      })
      .superRefine(({ data, bytes, end }, context) => {
        if (data !== undefined && bytes !== undefined)
          context.addIssue({ code: 'custom', path: ['bytes'], message: 'say either `data` or `bytes`' });
        if (data === undefined && bytes === undefined && !end)
          context.addIssue({ code: 'custom', path: ['data'], message: 'say `data`, `bytes` or `end`' });
      }),
    output: z.object({
      container_id: z.string(),
      written: z.int().describe('Bytes.'),
      duplicate: z.boolean().describe('It was written before, under the same `operation_id`.'),
    }),
    errors: [...FOUND, ...ENGINE],
    idempotent: false,
  },
  stdin_status: {
    description: 'What became of input that was sent under an `operation_id`, for a week.',
    input: z.strictObject({ operation_id: operationId }),
    output: z.object({
      operation_id: z.string(),
      container_id: z.string(),
      state: z
        .enum(['dispatched', 'delivered', 'uncertain'])
        .describe(
          '`dispatched`: it is being written now. `delivered`: it was written. `uncertain`: Berth ended, or the connection broke, on the way; it is not written again.',
        ),
      sent_at: z.string(),
    }),
    errors: ['not_found'],
    idempotent: true,
  },
  attach: {
    description:
      'Join the main process of a container: its output from now on, with `logs` also what it said before, and its input when it is `interactive`. It runs on when the session ends.',
    input: z.strictObject({
      id: reference,
      stdin: z.boolean().describe('Default: whether it is `interactive`.').optional(),
      stdout: z.boolean().describe('False: without its standard output. Default: true.').optional(),
      stderr: z
        .boolean()
        .describe(
          'False: without its standard error. Default: true. On a terminal all of its output is stdout. Without both, only its end is told.',
        )
        .optional(),
      logs: z
        .boolean()
        .describe(
          'True: what it said before comes first, as far as the engine has kept it. More than 8 MiB that are not read in time are left out. Default: false.',
        )
        .optional(),
      size: terminalSize.describe('Of the terminal, for one made with `tty`.').optional(),
      detach_keys: detachKeys,
      before_start: z
        .boolean()
        .describe(
          'Also one that was made with `start: false`, waited for until it is there: started after the session is `ready`, it is heard from its first byte. Default: false.',
        )
        .optional(),
    }),
    output: z.object({
      container_id: z.string(),
      session_id: sessionId,
      tty: z.boolean(),
      stdin: z.boolean().describe('Whether it takes input.'),
      stdin_ends: z.boolean().describe('Whether its input can be ended.'),
    }),
    errors: [...FOUND, ...ENGINE, ...START],
    idempotent: false,
  },
} as const satisfies Record<string, Method>;
