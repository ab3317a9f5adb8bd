import { request as http } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as tls } from 'node:tls';
import type { Probe } from '../../../contracts/container-fields/convergence.ts';
import type { Engine } from '../../engine/engine.ts';
import { unrunnable } from '../../engine/exec-failures.ts';
import { commandWords } from '../../plan/command-words.ts';
import { newId } from '../../runtime/ids.ts';

/** So much is kept of what it says. */
export const MOST_OUTPUT = 4096;

/** So long is waited for what an answer says after its head. */
const BODY_MS = 500;

export interface Seen {
  readonly ok: boolean;
  readonly output: string;
}

/** A GET on a connection of its own. Redirects are answers; of the body only its beginning is read. */
export async function lookByHttp(
  { port, path = '/', scheme = 'http', headers = {}, status }: NonNullable<Probe['http']>,
  dial: () => Promise<Duplex>,
  signal: AbortSignal,
): Promise<Seen> {
  const bare = await dial();
  // A name for SNI is only what was asked for: the certificate is not checked.
  const socket =
    scheme === 'https' ? tls({ socket: bare, rejectUnauthorized: false, ...nameOf(headers) }) : bare;
  const end = (): void => {
    socket.destroy();
    bare.destroy();
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    const { code, body } = await answerOn(
      socket,
      { path, headers: { host: `localhost:${port}`, ...headers } },
      signal,
    );
    const good = status === undefined ? code >= 200 && code < 400 : [status].flat().includes(code);
    return { ok: good, output: bounded(`HTTP ${code}${body === '' ? '' : `\n${body}`}`) };
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

function nameOf(headers: Readonly<Record<string, string>>): { readonly servername?: string } {
  const host = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1];
  const name = host?.replace(/:\d+$/, '');
  return name !== undefined && /^[a-z0-9.-]*[a-z][a-z0-9.-]*$/i.test(name) ? { servername: name } : {};
}

function answerOn(
  socket: Duplex,
  { path, headers }: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<{ readonly code: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asking = http({
      createConnection: () => socket,
      path: encodeURI(decodeSafely(path)),
      headers: { connection: 'close', 'user-agent': 'berth-probe', ...headers },
      signal,
    });
    asking.on('error', reject);
    socket.on('error', reject);
    asking.on('response', (answer) => {
      const code = answer.statusCode ?? 0;
      let body = '';
      const done = (): void => {
        clearTimeout(timer);
        resolve({ code, body });
        answer.destroy();
      };
      const timer = setTimeout(done, BODY_MS);
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        body += part;
        if (body.length >= MOST_OUTPUT) done();
      });
      answer.on('end', done);
      // The head was an answer; a body that breaks off changes nothing of it.
      answer.on('error', done);
      answer.on('close', done);
    });
    asking.end();
  });
}

function decodeSafely(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** A command in the container, killed with all that it began when its time is over. */
export async function lookByExec(
  { command }: NonNullable<Probe['exec']>,
  engine: Engine,
  engine_id: string,
  signal: AbortSignal,
): Promise<Seen> {
  const words = typeof command === 'string' ? commandWords(command) : command;
  const mark = newId('probe');
  const { exec_id } = await engine.sessions.prepare(
    engine_id,
    { command: words, env: {}, privileged: false, tty: false, stdin: false, output: true, mark },
    signal,
  );
  let said = '';
  try {
    const { output } = await engine.sessions.run(exec_id, { tty: false }, signal);
    for await (const batch of output)
      for (const { data } of batch) if (said.length < MOST_OUTPUT) said += data.toString();
    const state = await engine.sessions.state(exec_id, signal);
    const failure = state && unrunnable(state, said);
    if (failure !== undefined) return { ok: false, output: bounded(failure.message) };
    const code = state?.exit_code;
    const ok = code === 0;
    return { ok, output: bounded(ok ? said.trimEnd() : `exit code ${code ?? 'unknown'}\n${said}`.trimEnd()) };
  } catch (error) {
    if (signal.aborted)
      await engine.sessions.endExec(engine_id, { exec_id, mark, user: undefined, privileged: false });
    throw error;
  }
}

export function bounded(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= MOST_OUTPUT
    ? text
    : bytes
        .subarray(0, MOST_OUTPUT)
        .toString()
        .replace(/\uFFFD+$/, '');
}
