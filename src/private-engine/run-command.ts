import { spawn } from 'node:child_process';
import { ContractError } from '../../contracts/contract-error.ts';

const KEPT_FOR_ERRORS = 8000;
const MOST_OUTPUT = 16 * 1024 * 1024;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Kills the program. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Run a program to its end and answer what it wrote (up to 16 MiB). Throws engine_failed with the last lines it said, and aborted.
 */
export function runCommand(
  program: string,
  words: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { signal, ...rest } = options;
    const child = spawn(program, words, {
      ...rest,
      ...(signal && { signal }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let last = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      if (out.length < MOST_OUTPUT) out += part;
      last = (last + part).slice(-KEPT_FOR_ERRORS);
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      last = (last + part).slice(-KEPT_FOR_ERRORS);
    });
    child.once('error', (error) => reject(notRun(program, error, signal)));
    child.once('close', (code, by) => {
      if (code === 0) resolve(out);
      else
        reject(
          new ContractError(
            'engine_failed',
            `\`${[program, ...words.filter((word) => !/^-|=/.test(word))].slice(0, 4).join(' ')}\` ended with ${code ?? by}: ${lastLines(last)}`,
          ),
        );
    });
  });
}

function notRun(program: string, cause: Error, signal: AbortSignal | undefined): ContractError {
  if (signal?.aborted === true) return new ContractError('aborted', `${program} was given up`, { cause });
  return new ContractError('engine_failed', `${program} cannot be run: ${cause.message}`, {
    cause,
    next: `Install ${program}.`,
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ');
}
