import { spawn } from 'node:child_process';
import { z } from 'zod';
import { ContractError } from '../../../contracts/contract-error.ts';
import { socketCode } from '../engine-errors.ts';
import type { RegistryAuth } from '../port/image-calls.ts';

const DEADLINE_MS = 10_000;
const LONGEST = 1024 * 1024;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The user name that says: what comes with it is a token. */
const TOKEN = '<token>';

const answer = z.looseObject({ Username: z.string(), Secret: z.string() });

/** What `docker-credential-NAME` has for that key; undefined when it has nothing. Throws credentials_failed; what the helper writes is in no error. */
export async function askHelper(
  helper: string,
  key: string,
  signal?: AbortSignal,
  deadline_ms: number = DEADLINE_MS,
): Promise<RegistryAuth | undefined> {
  const { code, out } = await run(helper, 'get', key, signal, deadline_ms);
  if (code !== 0) {
    // That is how all helpers say that they know nothing.
    if (/credentials not found|no credentials/i.test(out)) return undefined;
    throw failed(helper, 'get', `it ended with ${code ?? 'a signal'}`);
  }
  const parsed = answer.safeParse(jsonOf(out));
  if (!parsed.success) throw failed(helper, 'get', 'its answer is not as helpers answer');
  const { Username: username, Secret: secret } = parsed.data;
  if (username === '' && secret === '') return undefined;
  return username === TOKEN ? { identity_token: secret } : { username, password: secret };
}

/** Have the helper keep it. Throws credentials_failed. */
export async function tellHelper(
  helper: string,
  key: string,
  { username, password, identity_token }: RegistryAuth,
  signal?: AbortSignal,
): Promise<void> {
  const [name, secret] =
    identity_token === undefined ? [username ?? '', password ?? ''] : [TOKEN, identity_token];
  const input = JSON.stringify({ ServerURL: key, Username: name, Secret: secret });
  const { code } = await run(helper, 'store', input, signal);
  if (code !== 0) throw failed(helper, 'store', `it ended with ${code ?? 'a signal'}`);
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

/** Without a shell, found in PATH, killed at its deadline. */
function run(
  helper: string,
  word: 'get' | 'store',
  input: string,
  signal: AbortSignal = new AbortController().signal,
  deadline_ms: number = DEADLINE_MS,
): Promise<Ended> {
  if (!NAME.test(helper))
    throw new ContractError('invalid_config', `\`${helper.slice(0, 80)}\` is no name of a credential helper`);
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${helper}`, [word], { stdio: ['pipe', 'pipe', 'ignore'] });
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      child.kill('SIGKILL');
      work();
    };
    const timer = setTimeout(
      () => settle(() => reject(failed(helper, word, `it did not end within ${deadline_ms / 1000} seconds`))),
      deadline_ms,
    );
    const abort = (): void =>
      settle(() => reject(new ContractError('aborted', `docker-credential-${helper} was given up`)));
    let out = '';
    child.stdout.on('data', (part: Buffer) => {
      out += part.toString();
      if (out.length > LONGEST) settle(() => reject(failed(helper, word, 'it writes without an end')));
    });
    // A helper that reads nothing still may answer.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) =>
      settle(() =>
        reject(
          failed(
            helper,
            word,
            socketCode(error) === 'ENOENT'
              ? 'there is no such program in PATH'
              : `it cannot be run (${socketCode(error) ?? 'why?'})`,
          ),
        ),
      ),
    );
    child.on('close', (code) => settle(() => resolve({ code, out })));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    child.stdin.end(input);
  });
}

function failed(helper: string, word: string, why: string): ContractError {
  return new ContractError('credentials_failed', `docker-credential-${helper} ${word}: ${why}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
